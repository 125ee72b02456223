"""Why a request is not answered, as gRPC says it."""

import grpc


class Refusal(Exception):
    """A request that is turned away: the status code, and a sentence with what was expected, what came, what to do."""

    def __init__(self, code: grpc.StatusCode, message: str) -> None:
        super().__init__(message)
        self.code = code


def invalid(message: str) -> Refusal:
    """The request is wrong, whoever is asked."""
    return Refusal(grpc.StatusCode.INVALID_ARGUMENT, message)
