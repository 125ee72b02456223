"""What a choice may be foretold to lose."""

# What thresholds chosen on one task alone may be expected to lose, in points.
ALLOWED_POINTS = 0.3
# What a joint choice may be foretold to lose on the mean and on a task: half of what it is to keep to, since a few
# hundred calibration rows a task foretell the mean no better than by some tenths of a point.
JOINT_ALLOWANCE = (0.15, 0.5)
