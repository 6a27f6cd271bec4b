"""Files of many kinds -> articles: their words, and what is known about them.

What is read here comes from strangers. Whatever needs a parser is parsed in a process of its own, which is ended when it
takes too long or too much memory; see `cage`.
"""
