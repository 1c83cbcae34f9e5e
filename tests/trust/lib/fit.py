"""fit: a straight line through samples, and how sure its slope is."""

import math
import statistics


def slope(samples):
    """(slope, twice its standard error) of (time, value) pairs. Neighbours are alike, so the error is that of the means of
    a dozen groups, not of all samples."""
    size = max(1, len(samples) // 12)
    groups = [samples[at:at + size] for at in range(0, len(samples) - size + 1, size)]
    points = [(statistics.fmean(x for x, _ in group), statistics.fmean(y for _, y in group)) for group in groups]
    middle_x, middle_y = (statistics.fmean(column) for column in zip(*points))
    spread = sum((x - middle_x) ** 2 for x, _ in points)
    if len(points) < 3 or spread == 0:
        return 0.0, math.inf
    rise = sum((x - middle_x) * (y - middle_y) for x, y in points) / spread
    left = sum((y - middle_y - rise * (x - middle_x)) ** 2 for x, y in points)
    return rise, 2 * math.sqrt(left / (len(points) - 2) / spread)


def said(samples, per=1.0, digits=1):
    rise, error = slope(samples)
    return f"{rise * per:+.{digits}f} ± {error * per:.{digits}f}"
