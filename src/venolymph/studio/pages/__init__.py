"""Pages of the studio: screening, plan, readings over weeks and claims as plain HTML, and lessons with the moving leg.

They keep nothing on the server, and store nothing unless somebody saves it. What a page has to remember from one answer
to the next travels with the form.
"""
