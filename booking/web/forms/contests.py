from __future__ import annotations

from django import forms

from booking.web.forms.reserving import ActionForm, ReasonForm


class ApproveForm(ActionForm):
    """Approve; who of the others is offered what is nearest stands beside it."""


class SwapForm(ReasonForm):
    """Why a request is declined, and who in line is offered its time."""

    entry = forms.SlugField(max_length=8, widget=forms.HiddenInput)
