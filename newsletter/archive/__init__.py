"""The archive: past issues as a site of files that need no server and know no member.

Everything comes from frozen documents, whose slots are filled with neutral words; no module of
this room can reach the member list or a delivery.
"""
