"""Unit tests as TAP, for prove."""

import sys
import unittest


class Result(unittest.TestResult):
    """Prints a line for each test."""

    def _say(self, words, test, comment=""):
        print(f"{words} {self.testsRun} - {test.id().split('.', 1)[1]}{comment}", flush=True)

    def addSuccess(self, test):
        self._say("ok", test)

    def addSkip(self, test, reason):
        self._say("ok", test, f" # SKIP {reason}")

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self._say("not ok", test)
        print("# " + self._exc_info_to_string(err, test).replace("\n", "\n# "))

    def addError(self, test, err):
        if isinstance(test, unittest.TestCase):
            self.addFailure(test, err)
        else:  # a module that cannot be imported, a class that cannot be set up
            print("Bail out!", self._exc_info_to_string(err, test).strip().splitlines()[-1])
            sys.exit(1)


def main():
    """Run the tests of the calling module."""
    tests = unittest.defaultTestLoader.loadTestsFromModule(sys.modules["__main__"])
    print("TAP version 13", f"1..{tests.countTestCases()}", sep="\n")
    sys.exit(not tests.run(Result()).wasSuccessful())
