"""The pages for people: which policies there are, what one of them says, and what it answers.

A page is made whole on the server and works without scripts: a form is posted, and the same page comes back
with the answer above it. `words` has every sentence of the pages in both languages, `form` makes a form of a
policy's facts, `answer` puts a decision into words, `render` fills the templates and says what a browser may load.
"""
