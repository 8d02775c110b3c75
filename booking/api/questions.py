"""What a host asks of whoever reserves, and the answers."""

from __future__ import annotations

from typing import Any

from django.http import FileResponse
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from booking.api.requests import validated
from booking.models import AnswerFile, Question
from booking.models.questions import LONGEST_CHOICE, MOST_CHOICES, MOST_QUESTIONS
from booking.questions import LARGEST_NUMBER, LONGEST_TEXT, Asked
from booking.selectors.questions import answer_file_open, questions_of
from booking.services.answer_files import answer_file_add
from booking.services.questions import questions_set
from config.pages import attachment
from config.serializers import StrictSerializer
from labs.api.authentication import signed_in
from labs.services.proofs import TYPES

KEY = serializers.SlugField(max_length=40)
TEXT = serializers.CharField(max_length=LONGEST_TEXT, allow_blank=True)
MOST_ANSWERS = 50


@extend_schema_field(OpenApiTypes.OBJECT)
class AnswersField(serializers.Field[Any, Any, Any, Any]):
    """Answers by the key of the question: a text, a number, true or false.

    That of a file is {"file": the id that it got when it was sent}.
    """

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if not isinstance(data, dict) or len(data) > MOST_ANSWERS:
            raise serializers.ValidationError(
                _("Give the answers by the keys of the questions.")
            )
        return {KEY.run_validation(key): _value(value) for key, value in data.items()}

    def to_representation(self, value: Any) -> Any:
        return value


def _value(given: Any) -> Any:
    if given is None or isinstance(given, bool):
        return given
    if isinstance(given, int | float):
        if not -LARGEST_NUMBER <= given <= LARGEST_NUMBER:
            text = _("Write a number of at most nine digits.")
            raise serializers.ValidationError(text)
        return given
    if isinstance(given, dict) and set(given) == {"file"}:
        return {"file": TEXT.run_validation(given["file"])}
    if not isinstance(given, str):
        raise serializers.ValidationError(
            _("An answer is a text, a number, true, false or a file.")
        )
    return TEXT.run_validation(given)


class AnswerOutput(serializers.Serializer[Any]):
    """An answer with the words of its question, as they were then."""

    key = serializers.CharField()
    kind = serializers.ChoiceField(choices=Question.Kind.choices)
    name = serializers.CharField()
    name_bg = serializers.CharField()
    value = serializers.SerializerMethodField(
        method_name="get_answer", help_text="Of a file, its name."
    )

    @extend_schema_field(OpenApiTypes.ANY)
    def get_answer(self, row: dict[str, Any]) -> Any:
        return row["value"]["name"] if row["kind"] == "file" else row["value"]


class ChoiceInput(StrictSerializer):
    name = serializers.CharField(max_length=LONGEST_CHOICE)
    name_bg = serializers.CharField(
        max_length=LONGEST_CHOICE, required=False, allow_blank=True, default=""
    )


class QuestionInput(StrictSerializer):
    """Without a key it gets one of its words; `choices` where one of them is asked."""

    key = serializers.SlugField(
        max_length=40, required=False, allow_blank=True, default=""
    )
    kind = serializers.ChoiceField(choices=Question.Kind.choices, default="text")
    name = serializers.CharField(max_length=140)
    name_bg = serializers.CharField(
        max_length=140, required=False, allow_blank=True, default=""
    )
    choices = ChoiceInput(many=True, required=False, default=list)

    def get_fields(self) -> dict[str, Any]:
        # `required` is an attribute of every field.
        required = serializers.BooleanField(default=False)
        return {**super().get_fields(), "required": required}

    def validate_choices(self, given: list[Any]) -> list[Any]:
        if len(given) > MOST_CHOICES:
            text = _("Give at most %(n)d to choose from.") % {"n": MOST_CHOICES}
            raise serializers.ValidationError(text)
        return given

    @staticmethod
    def asked(given: dict[str, Any]) -> Asked:
        rest = {name: given[name] for name in ("key", "kind", "name", "name_bg")}
        choices = tuple(dict(each) for each in given["choices"])
        return Asked(**rest, is_required=given["required"], choices=choices)


class QuestionsInput(StrictSerializer):
    questions = serializers.ListField(child=QuestionInput(), max_length=MOST_QUESTIONS)


class QuestionOutput(serializers.Serializer[Any]):
    key = serializers.CharField()
    kind = serializers.ChoiceField(choices=Question.Kind.choices)
    name = serializers.CharField()
    name_bg = serializers.CharField()
    choices = ChoiceInput(many=True)

    def get_fields(self) -> dict[str, Any]:
        required = serializers.BooleanField(source="is_required")
        return {**super().get_fields(), "required": required}


class QuestionsOutput(serializers.Serializer[Any]):
    questions = QuestionOutput(many=True)


class QuestionsMixin(viewsets.GenericViewSet[Any]):
    """What a resource's host asks of whoever reserves it."""

    @extend_schema(responses=QuestionsOutput, filters=False)
    @action(detail=True)
    def questions(self, request: Request, slug: str) -> Response:
        """Return what is asked of whoever reserves it, in order."""
        asked = questions_of(self.get_object().pk)
        return Response(QuestionsOutput({"questions": asked}).data)

    @extend_schema(request=QuestionsInput, responses=QuestionsOutput)
    @questions.mapping.put
    def set_questions(self, request: Request, slug: str) -> Response:
        """Ask these, in this order, from now on; answers stay as they were asked."""
        given = validated(QuestionsInput(data=request.data))
        asked = questions_set(
            actor=signed_in(request),
            resource=self.get_object(),
            questions=[QuestionInput.asked(row) for row in given["questions"]],
        )
        return Response(QuestionsOutput({"questions": asked}).data)


class AnswerFileInput(StrictSerializer):
    file = serializers.FileField()


class AnswerFileOutput(serializers.ModelSerializer[AnswerFile]):
    class Meta:
        model = AnswerFile
        fields = ("id", "name")
        read_only_fields = fields


class AnswerFileViewSet(viewsets.GenericViewSet[AnswerFile]):
    """Files that will answer a question; deleted after a day unless they do."""

    queryset = AnswerFile.objects.none()
    serializer_class = AnswerFileInput
    parser_classes = (MultiPartParser,)

    @extend_schema(
        request={"multipart/form-data": AnswerFileInput},
        responses={201: AnswerFileOutput},
    )
    def create(self, request: Request) -> Response:
        """Send a PDF or a picture; its id is the answer to a question for a file."""
        file = validated(AnswerFileInput(data=request.data))["file"]
        made = answer_file_add(
            actor=signed_in(request), file=file.file, size=file.size, name=file.name
        )
        return Response(AnswerFileOutput(made).data, status.HTTP_201_CREATED)


class AnswersMixin(viewsets.GenericViewSet[Any]):
    """The files among a reservation's answers."""

    @extend_schema(
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
        parameters=[OpenApiParameter("key", str, OpenApiParameter.PATH)],
        filters=False,
    )
    @action(
        detail=True,
        pagination_class=None,
        filterset_class=None,
        url_path=r"answers/(?P<key>[-a-zA-Z0-9_]{1,40})",
        url_name="answer-file",
    )
    def answer_file(self, request: Request, reference: str, key: str) -> FileResponse:
        """Send the file that answers a question."""
        name, kind, file = answer_file_open(signed_in(request), reference, key)
        return attachment(file, name, TYPES[kind])
