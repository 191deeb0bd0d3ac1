"""MLPerf inference: submission trees, published summaries and their comparison, as flat rows.

Pure: trees and bytes come as arguments. Essential reading, in order: `layout` (which file lies where), `system`,
`detail_log`, `summary_log`, `accuracy`, `power` (one kind of file each), `benchmarks` (data of the rules), `rows` (the
files of one result → its row), `reading` (a tree → rows), `published` (rows that stand in a file already), `comparing`,
`exports` and `wording`, `experiment`.
Not read: training, tiny and mobile trees, which `unread` names, and results of endpoints (`result_summary.json`), which
a finding names.

Source: the layout, names and formulas are those of MLCommons' own tools, mlcommons/inference `tools/submission`
(submission_structure.md, submission_checker, generate_final_report.py); no code of theirs is used.
"""
