"""Recent: results that were found lately, as many as may be kept."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Recent(Generic[Value]):
    """The last `size` results that were asked for, by key."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._kept: OrderedDict[Hashable, Value] = OrderedDict()

    @property
    def kept(self) -> list[Value]:
        """The longest unused first."""
        return list(self._kept.values())

    def get(self, key: Hashable, find: Callable[[], Value]) -> Value:
        """The result under `key`; `find` makes it if it is not kept."""
        if key not in self._kept:
            self._kept[key] = find()
            if len(self._kept) > self.size:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return self._kept[key]
