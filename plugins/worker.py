"""Pelican, kept ready: it says so, then one run for each line that the office sends, one line back for each run.

    python -I -B worker.py      in a folder with site_settings.py

The office starts it alone: no user's packages, no environment's paths, any warning fatal. Whatever goes
wrong ends the process, and the office takes nothing from a run that was not answered.
"""

import os
import sys


def main():
    """Answer runs until the office closes its end."""
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # what Pelican prints is no answer
    from pelican import LOG_HANDLERS, get_instance, init_logging, parse_arguments  # only now: they may print

    told = ["--settings", "site_settings.py", "--fatal", "warnings", "--log-handler", "plain"]
    arguments = parse_arguments(told)
    handler = LOG_HANDLERS[arguments.log_handler]
    init_logging(level=arguments.verbosity, fatal=arguments.fatal, name="pelican", handler=handler)
    site, _ = get_instance(arguments)
    answers.write(b"ready\n")
    for _ in sys.stdin.buffer:
        site.run()
        answers.write(b"printed\n")


if __name__ == "__main__":
    main()
