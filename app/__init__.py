"""The only package that knows all the others: configuration, processes, the rehearsal and the command line."""

import warnings

# toloka-kit imports pkg_resources, which says at every start of every process that it will go away.
warnings.filterwarnings("ignore", "pkg_resources is deprecated as an API", UserWarning)
