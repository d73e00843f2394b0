"""What runs inside the measured process, loaded by path as ``_hivegate_worker``.

Standard library only, besides the subject's own pytest and pytest-benchmark. Nothing here imports hivegate, and
hivegate imports nothing of it: the subject's environment need not hold hivegate, and may hold another version of it.
The code runs on any Python that the subject uses from 3.8 on, also on older ones than hivegate itself needs.
"""
