"""
A signing round of attestors who share no key and no secret (docs/explanation/attestation.md 9).

    draft       each member, from his own inputs: the same bytes everywhere
    cosigning   one member recomputes a draft, and signs its root once
    combining   signatures of one draft become the signed root and the attestations
    comparing   where two drafts differ
    journal     what a member signed
"""
