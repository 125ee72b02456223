"""The command line of `training/report/student.py`."""

from training.arguments import command, parsed
from training.report.student import measure_student


def main() -> None:
    """Train and measure."""
    arguments = parsed(command(measure_student, "model", "data"))
    measure_student(arguments.model, arguments.data)


if __name__ == "__main__":
    main()
