"""Runs every benchmark, or the one that is named, each in a process of its own: `python -m benchmarks judge`."""

import subprocess
import sys

MODULES = {
    "judge": "judge",
    "import": "import_edition",
    "page_home": "pages",
    "page_icb": "pages",
    "page_rollout": "pages",
    "page_weight": "page_weight",
}


def main(names: list[str]) -> int:
    unknown = sorted(set(names) - set(MODULES))
    if unknown:
        sys.stderr.write(f"There is no benchmark {', '.join(unknown)}: take {', '.join(MODULES)}.\n")
        return 2
    wanted = names or list(MODULES)
    modules = dict.fromkeys(MODULES[name] for name in wanted)
    results = [
        subprocess.run(
            [
                sys.executable,
                "-m",
                f"benchmarks.{module}",
                *(name for name in wanted if MODULES[name] == module),
            ],
            check=False,
        )
        for module in modules
    ]
    return int(any(result.returncode for result in results))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
