"""What somebody must do by a time (R19, R36, R73, R74, R80, R87): the front of the modules that keep it. The clock that
watches over it: procedures/reminding.py."""

from cases.tasks.acts import end_task, end_those_of, hand_to, open_task
from cases.tasks.closing import PENDING, adopt, close_by, land_with, say_in_closing
from cases.tasks.lists import one_task, open_tasks, tasks_of
from cases.tasks.values import AT_ITS_HOUR, DUE, SOON, NoSuchTask, Task, TaskKind, TaskTaken, as_task, is_of, is_open

__all__ = [
    "AT_ITS_HOUR",
    "DUE",
    "PENDING",
    "SOON",
    "NoSuchTask",
    "Task",
    "TaskKind",
    "TaskTaken",
    "adopt",
    "as_task",
    "close_by",
    "end_task",
    "end_those_of",
    "hand_to",
    "is_of",
    "is_open",
    "land_with",
    "one_task",
    "open_task",
    "open_tasks",
    "say_in_closing",
    "tasks_of",
]
