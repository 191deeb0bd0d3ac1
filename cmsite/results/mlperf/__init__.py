"""MLPerf inference: submission trees, published summaries and their comparison, as flat rows.

Pure: trees and bytes come as arguments. Essential reading, in order: `layout` (which file lies where), `detail_log`,
`summary_log`, `accuracy`, `power`, `system` (one file each), `point` (what a result is made of), `rows`, `reading` (a
tree → rows), `published` (summaries and `cm-result.json`), `comparing`, `exports`, `experiment`.
Not read: training, tiny and mobile trees, and results of endpoints (`result_summary.json`), each named by a finding.

Source: the layout, names and formulas are those of MLCommons' own tools, mlcommons/inference `tools/submission`
(submission_structure.md, submission_checker, generate_final_report.py); no code of theirs is used.
"""
