"""From a report to pages: Jinja in Markdown in; staged Markdown, figures and data files out.

Begin with `render.render`; `views` and `study_view` hold what a page may ask for, `claim_card` and
`scoreboard` how verdicts look, `templates/` their HTML. `library/` explains words, `data/` is the
published data. May import `analysis`, `figures`, `studies`, `lessons` and what stands below it;
never trains.
"""
