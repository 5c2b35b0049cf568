#!/usr/bin/python3
"""Verifies NTLM for squid, by GSS-API's NTLM mechanism (gss-ntlmssp) over the accounts in NTLM_USER_FILE.

squid's helper protocol: "YR [token]" asks for a challenge, answered with "TT token"; "KK token" brings the response,
answered with "AF user" or "NA reason".
"""

import base64
import sys

import gssapi

NTLMSSP = gssapi.OID.from_int_seq("1.3.6.1.4.1.311.2.2.10")


def main():
    context = None
    for line in sys.stdin:
        kind, _, token = line.strip().partition(" ")
        if kind == "YR":
            credentials = gssapi.Credentials(usage="accept", mechs=[NTLMSSP])
            context = gssapi.SecurityContext(creds=credentials, usage="accept")
        print(answer(context, token), flush=True)


def answer(context, token):
    try:
        reply = context.step(base64.b64decode(token))
    except Exception as error:  # whatever is wrong with a token, it is not accepted
        return f"NA {' '.join(str(error).split())}"
    if context.complete:
        # The mechanism counts the name's final NUL as a letter.
        user = str(context.initiator_name).rstrip("\0")
        return f"AF {user}"
    return f"TT {base64.b64encode(reply).decode()}"


main()
