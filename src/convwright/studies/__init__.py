"""Studies: does a choice matter? Its alternatives are trained under the same conditions.

A study is a file of `library`: a question, arms, a recipe, and how much to spend. Before anything trains, every arm is
built and analyzed, and the costs that are to be equal are proved equal. Then a ledger hands out the runs, to one
process or to many machines.
"""

from .catalog import studies, study_named
from .ledger import JobEntry, Ledger
from .measures import TRAIN_ACCURACY
from .plan import Plan, make_plan
from .result import ArmResult, ArmRun, Failure, StudyResult
from .runner import known_result, run_plan, run_study
from .study import SMOKE, Arm, Budget, Measure, Study

__all__ = [
    "SMOKE",
    "TRAIN_ACCURACY",
    "Arm",
    "ArmResult",
    "ArmRun",
    "Budget",
    "Failure",
    "JobEntry",
    "Ledger",
    "Measure",
    "Plan",
    "Study",
    "StudyResult",
    "known_result",
    "make_plan",
    "run_plan",
    "run_study",
    "studies",
    "study_named",
]
