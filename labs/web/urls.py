from __future__ import annotations

from django.urls import include, path

from labs.web import account, hub, invitations, organisations, qualifications
from labs.web.entrance import SignIn, SignOut, SignUp

MINE = "my-organisations/<slug:slug>/"

urlpatterns = [
    # What allauth has under these names is ours, so it comes after allauth's own.
    path("account/", include("allauth.urls")),
    path("sign-in/", SignIn.as_view(), name="account_login"),
    path("sign-in/", SignIn.as_view(), name="sign-in"),
    path("sign-out/", SignOut.as_view(), name="account_logout"),
    path("sign-out/", SignOut.as_view(), name="sign-out"),
    path("sign-up/", SignUp.as_view(), name="account_signup"),
    path("sign-up/", SignUp.as_view(), name="sign-up"),
    path("invitations/<str:secret>/", invitations.invitation, name="invitation"),
    # A person's own
    path("account/", account.account, name="account"),
    path("account/tokens/", account.token_new, name="token-new"),
    path("account/tokens/<int:token>/end/", account.token_end, name="token-end"),
    path("account/qualifications/", qualifications.mine, name="my-qualifications"),
    path(
        "qualifications/<int:pk>/proof/",
        qualifications.proof,
        name="qualification-proof",
    ),
    path(
        "qualifications/<int:pk>/revoke/",
        qualifications.revoke,
        name="qualification-revoke",
    ),
    # Organisations and their people
    path("my-organisations/", organisations.my_organisations, name="my-organisations"),
    path("join/", organisations.join, name="join"),
    path("join/withdraw/", organisations.join_withdraw, name="join-withdraw"),
    path(MINE, organisations.organisation, name="my-organisation"),
    path(f"{MINE}profile/", organisations.profile, name="organisation-profile"),
    path(f"{MINE}invite/", organisations.invite, name="organisation-invite"),
    path(
        f"{MINE}invitations/<int:invitation>/end/",
        organisations.invitation_end,
        name="invitation-end",
    ),
    path(f"{MINE}people/<int:person>/role/", organisations.role, name="member-role"),
    path(
        f"{MINE}people/<int:person>/remove/", organisations.remove, name="member-remove"
    ),
    path(f"{MINE}qualifications/", qualifications.host, name="host-qualifications"),
    # Hub staff
    path("hub/qualifications/", qualifications.hub, name="hub-qualifications"),
    path("hub/organisations/", hub.hub_organisations, name="hub-organisations"),
    path("hub/organisations/<slug:slug>/", hub.activate, name="organisation-activate"),
    path("requests/<int:asked>/approve/", hub.approve, name="join-approve"),
    path("requests/<int:asked>/decline/", hub.decline, name="join-decline"),
]
