# SPDX-License-Identifier: MIT
"""Tables and charts of summaries, as rounds.summary makes them."""

import json
import platform
import statistics
from datetime import date
from pathlib import Path

import matplotlib

matplotlib.use("svg")
from matplotlib import pyplot  # noqa: E402: once it is known what to draw with

from rounds import counted  # noqa: E402


def spread(values, digits):
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f} to {max(values):.{digits}f})"


def processor():
    names = [line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
             if line.startswith("model name")]
    return names[0] if names else platform.processor()


def markdown(columns, rows):
    lines = [columns, ["---"] * len(columns), *([str(cell(row)) for cell in columns.values()] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def draw(rows, label, file):
    """Ratios as bars, side by side for each number of threads."""
    counts = list(dict.fromkeys(row["threads"] for row in rows))
    figure, panels = pyplot.subplots(1, len(counts), sharex=True, sharey=True, squeeze=False, layout="constrained",
                                     figsize=(4 + 3 * len(counts), 0.25 * len(rows) / len(counts) + 1.5))
    for axes, threads in zip(panels[0], counts):
        mine = [row for row in rows if row["threads"] == threads]
        medians = [statistics.median(row["ratio"]) for row in mine]
        errors = [[median - min(row["ratio"]) for median, row in zip(medians, mine)],
                  [max(row["ratio"]) - median for median, row in zip(medians, mine)]]
        axes.barh([row["name"] for row in mine], medians, xerr=errors, color="#4477aa", ecolor="#333333", capsize=2)
        axes.axvline(1, color="#cc3311", linewidth=1)
        axes.margins(y=0.01)
        axes.set_title(counted(threads))
    panels[0][0].invert_yaxis()
    figure.supxlabel(label)
    figure.savefig(file, metadata={"Date": None})
    pyplot.close(figure)


def write(kind, rows, versions, options):
    """kind is the module that made the rows; its name is that of the files."""
    result = {"date": date.today().isoformat(), "processor": processor(), "versions": versions,
              "rounds": options.rounds, "rows": rows}
    table = markdown(kind.COLUMNS, rows)
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / f"{kind.NAME}.json").write_text(json.dumps(result, indent=1) + "\n")
    (options.out / f"{kind.NAME}.md").write_text(table)
    named = ", ".join(f"{name} {version}" for name, version in versions.items())
    draw(rows, f"times faster than {kind.PEERS}: {named}", options.out / f"{kind.NAME}.svg")
    print(f"\n{result['processor']}, {result['date']}, {named}: median of {options.rounds} rounds "
          f"(lowest to highest)\n\n{table}\nin {options.out}/{kind.NAME}.{{json,md,svg}}\n", flush=True)
