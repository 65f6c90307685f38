import os
import sys

# What a process imports late is of the version that it began with, also once /opt/chatsite leads to the next one.
sys.path[:] = [os.path.realpath(path) for path in sys.path]
