"""From staged pages to a finished site: MkDocs, the menu, the search index, the policy of scripts.

Begin with `mkdocs.build_site`; `checks.gate.check` then reads the finished site and refuses it if
anything is broken. May import `pages` and what stands below it; never trains.
"""
