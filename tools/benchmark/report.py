"""The report: one table as text, one document as JSON, and what the figures are held against."""
from cases import Row

MARKS = ("<!-- the report of tools/bench begins here -->\n", "<!-- the report of tools/bench ends here -->")


def has_marks(file):
    return file.is_file() and all(mark in file.read_text() for mark in MARKS)


def put_into(file, text):
    """Replaces what stands between the marks of a file that has them."""
    content = file.read_text()
    begin, end = (content.index(mark) for mark in MARKS)
    begin += len(MARKS[0])
    file.write_text(f"{content[:begin]}```\n{text}\n```\n{content[end:]}")


def seconds_text(value):
    return f"{value:.2f} s" if value >= 1 else f"{value * 1000:.1f} ms" if value < 0.1 else f"{value * 1000:.0f} ms"


def ratio(section, row):
    """The median of the section's reference divided by that of a row; None where one of them is missing."""
    reference = next((other for other in section.rows if other.label == section.reference), None)
    if reference is None or reference.median() is None or not row.median():
        return None
    return reference.median() / row.median()


def row_data(section, row):
    return {
        "tool": row.label, "ok": not row.problem, "problem": row.problem or None,
        "runs": len(row.runs), "seconds": [run.seconds for run in row.runs],
        "median_seconds": row.median(), "median_cpu_seconds": row.median("cpu"),
        "peak_kib": max((run.peak_kib for run in row.runs), default=None),
        "reference_divided_by_this": ratio(section, row), **row.extra,
    }


def section_data(section):
    return {"title": section.title, "reference": section.reference or None, **section.facts,
            "rows": [row_data(section, row) for row in section.rows]}


COLUMNS = [  # heading, text of a row, given as row_data
    ("RUNS", lambda row: str(row["runs"])),
    ("MEDIAN", lambda row: seconds_text(row["median_seconds"])),
    ("FROM", lambda row: seconds_text(min(row["seconds"]))),
    ("TO", lambda row: seconds_text(max(row["seconds"]))),
    ("CPU", lambda row: seconds_text(row["median_cpu_seconds"])),
    ("PEAK", lambda row: f"{row['peak_kib'] / 1024:.1f} MB"),
    ("FLUX/THIS", lambda row: f"{row['reference_divided_by_this']:.2f}"),
    ("ROUND TRIPS", lambda row: f"{row['round_trips']:,}"),
    ("TEXT", lambda row: f"{row['text_bytes'] / 1e6:.2f} MB"),
    ("EACH", lambda row: f"{row['microseconds_each']:.1f} µs"),
    ("EACH BESIDES TEXT", lambda row: f"{row['memory_beyond_text_each']:,} B"),
    ("INSTRUCTIONS", lambda row: f"{row['instructions'] / 1e6:.1f} M"),
]


def cell(text, row):
    try:
        return text(row)
    except (KeyError, TypeError):  # this row has no such figure
        return ""


def section_text(section):
    data = section_data(section)
    good = [row for row in data["rows"] if row["ok"] and row["runs"]]
    columns = [(name, text) for name, text in COLUMNS if any(cell(text, row) for row in good)]
    table = [[section.name.upper(), *(name for name, _ in columns)]]
    table += [[row["tool"], *(cell(text, row) for _, text in columns)] for row in good]
    widths = [max(len(line[at]) for line in table) for at in range(len(table[0]))]
    lines = [section.title + "".join(f"; {name.replace('_', ' ')}: {value}" for name, value in section.facts.items())]
    for line in table:
        cells = [line[0].ljust(widths[0])] + [text.rjust(width) for text, width in zip(line[1:], widths[1:])]
        lines.append("  " + "  ".join(cells).rstrip())
    for row in data["rows"]:
        if not row["ok"]:
            lines.append(f"  {row['tool']}: failed: " + row["problem"].replace("\n", "\n      "))
    return "\n".join(lines)


def median_of(sections, section, label):
    rows = sections[section].rows if section in sections else []
    return next((row.median() for row in rows if row.label == label), None)


def best_peer(sections, section, peers):
    medians = [(median_of(sections, section, name), name) for name in peers]
    return min([pair for pair in medians if pair[0]], default=(None, None))


def goals(sections, peers):
    """What flux is meant to reach: {text, value, limit, met}, for each goal of which both sides were measured."""
    wanted = [("local", "flux", "psql", 1.05), ("local", "flux", "best", 1.0), ("delay", "flux", "best", 0.15),
              ("noop", "flux apply", "dbmate", 0.5), ("noop", "flux apply", "psql select 1", 1.5),
              ("sqlite", "flux", "sqlite3", 1.05), ("schema", "flux inspect", "pg_dump -s", 0.6)]
    out = []
    for section, own, other, limit in wanted:
        mine = median_of(sections, section, own)
        theirs, name = (best_peer(sections, section, peers) if other == "best"
                        else (median_of(sections, section, other), other))
        if mine and theirs:
            label = f"{name}, the best peer" if other == "best" else name
            out.append(goal(f"{section}: {own} / {label}", mine / theirs, limit))
    largest = [row for row in sections["files"].rows if row.extra["migrations"] == 100_000 and row.median()
               and row.extra["command"] != "baseline"] if "files" in sections else []
    if largest:
        slowest = max(largest, key=Row.median)
        out.append(goal(f"files: seconds of the slowest, {slowest.label}", slowest.median(), 2.0))
    if widest := max((row for row in largest if "memory_beyond_text_each" in row.extra), default=None,
                     key=lambda row: row.extra["memory_beyond_text_each"]):
        out.append(goal(f"files: most bytes for each besides its text, {widest.label}",
                        widest.extra["memory_beyond_text_each"], 300))
    return out


def goal(text, value, limit):
    return {"text": text, "value": round(value, 3), "limit": limit, "met": value <= limit}


def goals_text(found):
    width = max(len(each["text"]) for each in found)
    lines = ["goals"]
    for each in found:
        number = f"{each['value']:,.0f}" if each["value"] >= 100 else f"{each['value']:.2f}"
        verdict = "yes" if each["met"] else "no"
        lines.append(f"  {each['text'].ljust(width)}  {number:>9}  at most {each['limit']}: {verdict}")
    return "\n".join(lines)
