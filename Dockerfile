FROM python:3.11-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1

RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin tracker

WORKDIR /srv/tracker
COPY requirements/run.txt requirements/run.txt
RUN pip install --quiet --require-hashes -r requirements/run.txt

COPY . .
# The files are collected and compressed for the storage of a deployment; these values end with the command.
RUN DATABASE_URL=postgres://nobody@localhost/unused SECRET_KEY=only-while-the-image-is-built-00000000 ALLOWED_HOSTS=localhost \
    python manage.py collectstatic --noinput --verbosity 0

RUN mkdir -p var/uploads && chown tracker var/uploads

USER tracker
EXPOSE 8000
CMD ["gunicorn", "tracker.wsgi", "--bind", "0.0.0.0:8000", "--no-control-socket"]
