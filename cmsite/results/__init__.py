"""Papers and reproductions to verdicts and tables; pure.

Essential reading, in order: `fields` and `reading` (metas to values), `samples`, `quantiles`, `intervals`,
`comparability`, `verdicts` (values to verdicts), `references` and `evidence` (checks across artifacts), `gathering`
(a whole catalogue), `table`, `wording`, `exports`.
"""
