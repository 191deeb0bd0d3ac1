"""Three sorting algorithms that count what they do: dual-pivot Quicksort, classic Quicksort, merge sort.

Each function sorts a list in place and returns (key comparisons, swaps or moves). The dual-pivot variant is
Yaroslavskiy's partitioning as analysed by Wild and Nebel (ESA 2012), without a cut-off for short lists. Classic
Quicksort is Hoare's crossing-pointers partitioning as refined by Sedgewick, with the last element as the pivot.
Merge sort is the plain top-down one with one auxiliary list.
"""

from __future__ import annotations


def dual_pivot_quicksort(items: list[int]) -> tuple[int, int]:
    """Sort with two pivots and return (comparisons, swaps)."""
    comparisons = 0
    swaps = 0
    pending = [(0, len(items) - 1)]
    while pending:
        left, right = pending.pop()
        if right <= left:
            continue
        comparisons += 1
        if items[left] > items[right]:
            items[left], items[right] = items[right], items[left]
            swaps += 1
        small, large = items[left], items[right]
        lower, upper, here = left + 1, right - 1, left + 1
        while here <= upper:
            comparisons += 1
            if items[here] < small:
                items[here], items[lower] = items[lower], items[here]
                swaps += 1
                lower += 1
            else:
                comparisons += 1
                if items[here] >= large:
                    while True:
                        comparisons += 1
                        if not (items[upper] > large and here < upper):
                            break
                        upper -= 1
                    items[here], items[upper] = items[upper], items[here]
                    swaps += 1
                    upper -= 1
                    comparisons += 1
                    if items[here] < small:
                        items[here], items[lower] = items[lower], items[here]
                        swaps += 1
                        lower += 1
            here += 1
        lower -= 1
        upper += 1
        items[left], items[lower] = items[lower], items[left]
        items[right], items[upper] = items[upper], items[right]
        swaps += 2
        pending += [(left, lower - 1), (lower + 1, upper - 1), (upper + 1, right)]
    return comparisons, swaps


def classic_quicksort(items: list[int]) -> tuple[int, int]:
    """Sort with one pivot, the last element, and return (comparisons, swaps)."""
    comparisons = 0
    swaps = 0
    pending = [(0, len(items) - 1)]
    while pending:
        left, right = pending.pop()
        if right <= left:
            continue
        pivot = items[right]
        up, down = left - 1, right
        while True:
            up += 1
            comparisons += 1
            while items[up] < pivot:
                up += 1
                comparisons += 1
            down -= 1
            while down >= left:
                comparisons += 1
                if items[down] <= pivot:
                    break
                down -= 1
            if down <= up:
                break
            items[up], items[down] = items[down], items[up]
            swaps += 1
        items[up], items[right] = items[right], items[up]
        swaps += 1
        pending += [(left, up - 1), (up + 1, right)]
    return comparisons, swaps


def merge_sort(items: list[int]) -> tuple[int, int]:
    """Sort by merging halves and return (comparisons, moves of an element)."""
    comparisons = 0
    moves = 0
    spare = items[:]

    def sort(left: int, right: int) -> None:
        """Sort items[left:right]."""
        nonlocal comparisons, moves
        if right - left < 2:
            return
        middle = (left + right) // 2
        sort(left, middle)
        sort(middle, right)
        spare[left:right] = items[left:right]
        first, second, here = left, middle, left
        while first < middle and second < right:
            comparisons += 1
            if spare[first] <= spare[second]:
                items[here] = spare[first]
                first += 1
            else:
                items[here] = spare[second]
                second += 1
            here += 1
        rest = spare[first:middle] + spare[second:right]
        items[here:right] = rest
        moves += 2 * (right - left)

    sort(0, len(items))
    return comparisons, moves


ALGORITHMS = {"dual-pivot": dual_pivot_quicksort, "classic": classic_quicksort, "merge": merge_sort}
"""The three by the names the scripts use."""
