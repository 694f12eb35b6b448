import io
import json
import sys

from django.core.management.base import BaseCommand

from targets.calc.verdict_answer import answer_verdict
from targets.readers.verdict_lines import LineError, read_verdict_lines


class Command(BaseCommand):
    help = "Judges cases given as JSON lines on standard input; JSON lines out. Needs no database."
    requires_system_checks: list[str] = []

    def handle(self, **options):
        if isinstance(sys.stdin, io.TextIOWrapper):
            sys.stdin.reconfigure(encoding="utf-8", errors="replace")
        refused = 0
        for line in read_verdict_lines(sys.stdin):
            if isinstance(line, LineError):
                refused += 1
                answer = {"id": line.id, "error": line.error}
            else:
                answer = answer_verdict(line)
            self.stdout.write(json.dumps(answer, allow_nan=False))
        if refused:
            self.stderr.write(f"{refused} lines were refused; the others are answered.")
            sys.exit(1)
