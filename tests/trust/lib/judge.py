"""judge: what a judge says of its figure: its faults with how to repeat them, and the verdict as the last line."""

import os
import random
import sys
import time

MOST_SHOWN = 20


class Judge:
    def __init__(self, number):
        self.number = number
        self.seed = int(os.environ.get("SEED") or time.time_ns() % 1_000_000_000)
        self.random = random.Random(self.seed)
        self.faults = 0

    def fault(self, text):
        """Says what is wrong, the first of them in full."""
        self.faults += 1
        if self.faults <= MOST_SHOWN:
            print(f"fault: {text}"[:3000], flush=True)
        elif self.faults == MOST_SHOWN + 1:
            print("fault: and more", flush=True)

    def verdict(self, text, reached=True, reason=""):
        """Ends the program. It is short when there was a fault as well."""
        good = reached and self.faults == 0
        if self.faults:
            print(f"again: SEED={self.seed} {' '.join(sys.argv)}")
        print(f"verdict {self.number} {'reached' if good else 'short'} {text}{'; ' + reason if reason else ''}", flush=True)
        sys.exit(0 if good else 1)

    def cannot(self, why):
        """Ends the program: this machine does not let it be tried."""
        print(f"verdict {self.number} cannot {why}", flush=True)
        sys.exit(77)

    def proved(self, found, text):
        """Ends a run on a subject that was broken on purpose: was that @found?"""
        print(f"proof {self.number} {'good' if found else 'BAD: what was broken was not found'}: {text}", flush=True)
        sys.exit(0 if found else 1)
