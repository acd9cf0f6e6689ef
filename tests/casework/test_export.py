"""A copy that leaves the box: opened with 7-Zip, decoded, and looked through for what was cut."""

import hashlib
import io
import json
import re
import shutil
import subprocess
import wave
from datetime import date

import av
import numpy as np
import pytest

from appliance.audio import RATE
from appliance.capture.opus import OpusStream
from appliance.casework.access_requests.record import AccessRequest
from appliance.casework.cuts import Fill, Redaction
from appliance.casework.disclosures.record import Disclosure
from appliance.codec import from_json
from appliance.errors import ExportRefused, FreshSignInNeeded, NoSuchCase, NotAllowed, StepMissing, WordsMissing
from appliance.keeper.answers_export import ExportAnswers
from appliance.keeper.archive import archive, new_passphrase
from appliance.keeper.cutter import cut
from appliance.keeper.heard import Heard
from appliance.link.messages.call import GetCall
from appliance.link.messages.cases import CaseKind, DoCase, GetCase, LogCase
from appliance.link.messages.hearings import AskHearing, MakeHearing
from appliance.link.messages.packs import AskPack, MakePack, PackStage, ReadPack
from appliance.link.messages.packs import Fill as PackFill
from appliance.link.messages.sessions import WhoAmI
from appliance.model.people import Role
from appliance.storage.journalcheck import check
from sounds import speech
from vaultbox import Box, UnsyncedDisk
from waiting import eventually

TODAY = date(2026, 11, 23).isoformat()
SEVEN_ZIP = shutil.which("7zz") or shutil.which("7z")
SPEECH = speech(12.0, seed=7)
CUT = Redaction(3.0, 5.5, "what somebody else said")


def opus(samples=SPEECH):
    out = io.BytesIO()
    stream = OpusStream(out)
    stream.write(samples.astype(np.float32))
    stream.close()
    return out.getvalue()


def samples_of(data, form):
    with av.open(io.BytesIO(data), format=form) as container:
        resampler = av.AudioResampler(format="flt", layout="mono", rate=RATE)
        frames = [piece for frame in container.decode(audio=0) for piece in resampler.resample(frame)]
        return np.concatenate([piece.to_ndarray().reshape(-1) for piece in (*frames, *resampler.resample(None))])


def pcm(data):
    with wave.open(io.BytesIO(data)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, RATE)
        return np.frombuffer(file.readframes(file.getnframes()), "<i2")


def words(**of):
    return json.dumps(of).encode()


class Practice:
    """A box with people, one recorded call, and a request brought as far as a test wants it."""

    def __init__(self, folder):
        self.box = Box(folder, disk=UnsyncedDisk())
        self.box.set_up()
        self.manager = self.box.sign_in()
        self.partner = self.box.add("partner", Role.PARTNER, self.manager)
        self.call = self.box.taken(plain=opus(), duration_s=12.0)
        requester = {"name": "Requester Seven", "contact": "1 High Street"}
        given = words(requester=requester, ask={"way": "spoken", "wanted": "copy"}, received_on=TODAY)
        self.request = self.box.ask(LogCase(self.manager, CaseKind.ACCESS, given)).reference

    def do(self, act, token=None, **given):
        return self.box.ask(DoCase(token or self.manager, self.request, act, words(**given)))

    def assessed(self, verdict="redact"):
        self.do("check_identity", seen="passport", received_on=TODAY)
        self.do("record_search", looked_for="her number", found=[self.call])
        verdicts = [{"call_id": self.call, "verdict": verdict, "why": "another patient is named"}]
        answers = {"third_parties": "cut", "serious_harm": "none", "clinician": "a partner", "privilege": "none"}
        self.do("assess", assessment={"verdicts": verdicts, **answers, "by": "", "on": TODAY})

    def authorised(self, verdict="redact"):
        self.assessed(verdict)
        self.do("authorise", self.partner, granted=True)
        if verdict == "redact":
            self.do("redact", call_id=self.call, redactions=[{"start_s": 3.0, "end_s": 5.5, "why": CUT.why}])

    def made(self, token=None, calls=None, fill=PackFill.SILENCE, **more):
        token = token or self.manager
        given = {"to": "her", "means": "by hand, on a stick", "passphrase_by": "telephone", **more}
        reference = given.pop("reference", self.request)
        self.box.ask(MakePack(token, reference, calls or (self.call,), fill=fill, **given))
        eventually(lambda: self.state(token, reference).stage is not PackStage.MAKING, "the copy is made")
        return self.state(token, reference)

    def state(self, token=None, reference=None):
        return self.box.ask(AskPack(token or self.manager, reference or self.request))

    def taken(self, reference=None):
        parts, total = bytearray(), 1
        while len(parts) < total:
            piece = self.box.ask(ReadPack(self.manager, reference or self.request, len(parts), 1 << 20))
            parts, total = parts + piece.data, piece.total
        return bytes(parts)


@pytest.fixture
def practice(tmp_path):
    practice = Practice(tmp_path)
    yield practice
    practice.box.close()


def unpacked(data, passphrase, folder):
    """Open an archive with 7-Zip, as whoever gets it does."""
    path = folder / "copy.zip"
    path.write_bytes(data)
    out = folder / "out"
    subprocess.run([SEVEN_ZIP, "x", f"-p{passphrase}", f"-o{out}", str(path)], check=True, capture_output=True)
    return {one.name: one.read_bytes() for one in out.iterdir()}


def test_the_copy_opens_with_7_zip_is_silent_where_it_was_cut_and_its_hashes_agree(practice, tmp_path):
    practice.authorised()
    state = practice.made()
    assert state.stage is PackStage.READY
    data = practice.taken()
    files = unpacked(data, state.passphrase, tmp_path)
    assert sorted(files) == ["Call 1 of 2026-11-23.mp3", "Call 1 of 2026-11-23.wav", "Custody sheet.txt"]
    heard = pcm(files["Call 1 of 2026-11-23.wav"])
    first, last = round(CUT.start_s * RATE), round(CUT.end_s * RATE)
    assert not heard[first:last].any()
    assert np.abs(heard[:first]).max() > 3000
    as_mp3 = samples_of(files["Call 1 of 2026-11-23.mp3"], "mp3")
    inside = as_mp3[first + 1200 : last - 1200]
    assert np.sqrt(np.mean(inside**2)) < 1e-3 < np.sqrt(np.mean(as_mp3[:first] ** 2))
    sheet = files["Custody sheet.txt"].decode()
    for name in files:
        if name != "Custody sheet.txt":
            assert hashlib.sha256(files[name]).hexdigest() in sheet
    assert hashlib.sha256(practice.box.stores.vault.audio(practice.call).read_bytes()).hexdigest() in sheet
    assert "0:03.00 to 0:05.50: what somebody else said" in sheet
    record = from_json(practice.box.ask(GetCase(practice.manager, practice.request)).body, AccessRequest)
    assert record.copies[0].calls[0].sha256 == hashlib.sha256(files["Call 1 of 2026-11-23.wav"]).hexdigest()
    assert state.sha256 == hashlib.sha256(data).hexdigest()


def test_what_was_cut_is_in_no_part_of_the_pack(practice, tmp_path):
    practice.authorised()
    state = practice.made(fill=PackFill.TONE)
    files = unpacked(practice.taken(), state.passphrase, tmp_path)
    original = samples_of(opus(), "ogg")
    first, last = round(CUT.start_s * RATE), round(CUT.end_s * RATE)
    gone = original[first:last] - original[first:last].mean()
    for name, form in (("Call 1 of 2026-11-23.wav", "wav"), ("Call 1 of 2026-11-23.mp3", "mp3")):
        whole = samples_of(files[name], form)
        size = 1 << (len(whole) + len(gone)).bit_length()
        product = np.fft.irfft(np.fft.rfft(whole, size) * np.conj(np.fft.rfft(gone, size)))
        likeness = np.abs(product).max() / (np.linalg.norm(gone) ** 2)
        assert likeness < 0.2, name
        control = original[: last - first]
        product = np.fft.irfft(np.fft.rfft(whole, size) * np.conj(np.fft.rfft(control, size)))
        assert np.abs(product).max() / (np.linalg.norm(control) ** 2) > 0.6  # what was not cut is found this way


def test_the_recording_itself_is_untouched_by_a_copy(practice):
    practice.authorised()
    before = practice.box.stores.vault.audio(practice.call).read_bytes()
    practice.made()
    assert practice.box.stores.vault.audio(practice.call).read_bytes() == before


def test_the_archive_tells_nothing_without_its_passphrase(practice, tmp_path):
    practice.authorised()
    practice.made()
    (tmp_path / "copy.zip").write_bytes(practice.taken())
    command = [SEVEN_ZIP, "t", "-pwrong", str(tmp_path / "copy.zip")]
    assert subprocess.run(command, check=False, capture_output=True).returncode != 0
    assert b"Seven" not in (tmp_path / "copy.zip").read_bytes()


def test_nothing_in_clear_is_on_the_disk_while_and_after_a_copy_is_made(practice):
    practice.authorised()
    state = practice.made()
    practice.taken()
    for path in practice.box.folders.vault.parent.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert b"RIFF" not in data, path
            assert b"ID3" not in data[:64], path
            assert state.passphrase.encode() not in data, path


def test_no_copy_before_the_steps_and_none_of_a_call_that_is_withheld(practice):
    for step in (lambda: None, practice.assessed):
        step()
        with pytest.raises(StepMissing):
            practice.made()
    practice.do("authorise", practice.partner, granted=True)
    with pytest.raises(StepMissing, match="redactions"):
        practice.made()
    practice.do("redact", call_id=practice.call, redactions=[{"start_s": 3.0, "end_s": 5.5, "why": "x"}])
    other = practice.box.taken(plain=opus(), duration_s=12.0)
    with pytest.raises(StepMissing):
        practice.made(calls=(practice.call, other))
    with pytest.raises(WordsMissing, match="another way"):
        practice.made(passphrase_by="By hand, on a stick")
    assert practice.state().stage is PackStage.NONE


def test_what_is_marked_anew_while_a_copy_is_made_is_not_given_cut_the_old_way(practice, monkeypatch):
    practice.authorised()
    from appliance.keeper import export

    def slow(*given):
        practice.do("redact", call_id=practice.call, redactions=[{"start_s": 0.0, "end_s": 9.0, "why": "more"}])
        return cut(*given)

    monkeypatch.setattr(export, "cut", slow)
    state = practice.made()
    assert (state.stage, "not cut as marked" in state.why) == (PackStage.FAILED, True)
    with pytest.raises(NoSuchCase):
        practice.taken()


def test_a_call_that_is_to_be_given_whole_after_all_is_given_whole(practice, tmp_path):
    practice.authorised()
    verdicts = [{"call_id": practice.call, "verdict": "give", "why": ""}]
    answers = {"third_parties": "nobody", "serious_harm": "none", "clinician": "a partner", "privilege": "none"}
    practice.do("assess", assessment={"verdicts": verdicts, **answers, "by": "", "on": TODAY})
    practice.do("authorise", practice.partner, granted=True)
    state = practice.made()
    assert state.stage is PackStage.READY, state.why
    heard = pcm(unpacked(practice.taken(), state.passphrase, tmp_path)["Call 1 of 2026-11-23.wav"])
    assert np.abs(heard[round(CUT.start_s * RATE) : round(CUT.end_s * RATE)]).max() > 3000
    assert "Left out" not in state.custody


def test_a_redaction_outside_the_recording_makes_no_copy(practice):
    practice.authorised()
    practice.do("redact", call_id=practice.call, redactions=[{"start_s": 60.0, "end_s": 61.0, "why": "x"}])
    state = practice.made()
    assert (state.stage, "after the end" in state.why) == (PackStage.FAILED, True)


def test_each_copy_and_its_leaving_are_in_the_journal_before_a_byte_goes(practice):
    practice.authorised()
    practice.made()
    assert practice.box.acts()[-2:] == ["copy made", "case changed"]
    practice.taken()
    practice.taken()
    assert practice.box.acts()[-1] == "copy taken out"
    assert practice.box.acts().count("copy taken out") == 1


def test_a_damaged_recording_is_not_copied(practice):
    practice.authorised()
    path = practice.box.stores.vault.audio(practice.call)
    damaged = bytearray(path.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    path.write_bytes(damaged)
    practice.box.desk.shelf.clear()
    with pytest.raises(ExportRefused):
        practice.made()


def test_a_copy_is_its_makers_alone_and_asks_for_the_password(practice):
    practice.authorised()
    practice.made()
    assert practice.state(practice.partner).stage is PackStage.NONE
    with pytest.raises(NoSuchCase):
        practice.box.ask(ReadPack(practice.partner, practice.request, 0, 10))
    for _ in range(3):
        practice.box.clock.advance(250)
        practice.box.ask(WhoAmI(practice.manager))
    with pytest.raises(FreshSignInNeeded):
        practice.made()


def test_a_copy_that_nobody_takes_is_let_go(practice):
    practice.authorised()
    practice.made()
    for _ in range(8):
        practice.box.clock.advance(250)
        practice.box.ask(WhoAmI(practice.manager))
    assert practice.state().stage is PackStage.NONE


def test_the_police_get_a_part_of_a_call_from_the_manager_alone(practice, tmp_path):
    box = practice.box
    asker = {"body": "police", "body_name": "a force", "officer": "an officer", "number": "1", "reference": "r"}
    given = {"inquirer": asker, "asked_for": "a call", "basis": "crime_and_tax", "form": "a form"}
    logged = words(**given, received_on=TODAY, calls=[practice.call])
    reference = box.ask(LogCase(practice.partner, CaseKind.DISCLOSURE, logged)).reference
    checked = words(found_in="the force's own page", spoke_to="the desk", genuine=True)
    box.ask(DoCase(practice.partner, reference, "check_back", checked))
    decided = words(granted=True, necessity="to find who threatened", calls=[practice.call])
    with pytest.raises(NotAllowed, match="Only the practice manager may decide"):
        box.ask(DoCase(practice.partner, reference, "decide", decided))
    box.ask(DoCase(practice.manager, reference, "decide", decided))
    with pytest.raises(NotAllowed, match="Only the practice manager may hand"):
        practice.made(practice.partner, reference=reference)
    parts = ((practice.call, 2.0, 6.0),)
    state = practice.made(reference=reference, parts=parts)
    assert state.stage is PackStage.READY
    files = unpacked(practice.taken(reference), state.passphrase, tmp_path)
    assert len(pcm(files["Call 1 of 2026-11-23.wav"])) == 4 * RATE
    handover = from_json(box.ask(GetCase(practice.manager, reference)).body, Disclosure).handover
    assert handover.calls[0].part == "from 2.00 s to 6.00 s"
    assert handover.calls[0].sha256 in state.custody


def test_what_is_not_sound_is_refused_by_the_child_in_words():
    with pytest.raises(ExportRefused, match="cannot be decoded"):
        cut(b"OggS" + bytes(5000), (), Fill.TONE, None, lambda _: None)


def test_progress_is_told_while_a_long_call_is_cut():
    told = []
    cut(opus(np.tile(SPEECH, 15)), (), Fill.TONE, None, told.append)
    assert told == sorted(told)
    assert len(told) >= 3


def test_passphrases_are_told_easily_and_never_alike():
    made = {new_passphrase() for _ in range(200)}
    assert len(made) == 200
    assert all(re.fullmatch(r"([a-hjkmnp-z2-9]{4}-){4}[a-hjkmnp-z2-9]{4}", one) for one in made)


def test_an_archive_is_made_of_nothing_but_what_was_given(practice, tmp_path):
    data = archive({"a.txt": b"text", "b.bin": bytes(1000)}, "abcd", practice.box.clock.now().at)
    assert unpacked(data, "abcd", tmp_path) == {"a.txt": b"text", "b.bin": bytes(1000)}


def test_exports_are_answered_by_the_keeper(practice):
    assert set(ExportAnswers(practice.box.desk).handlers()) <= set(practice.box.answers.handlers)


def test_whoever_plays_a_call_at_an_appointment_is_among_those_who_listened(practice):
    practice.authorised()
    practice.do("invite", at="2026-11-23T16:00:00+00:00", room="Room 2")
    practice.box.ask(MakeHearing(practice.manager, practice.request, practice.call))
    heard = practice.box.ask(GetCall(practice.manager, practice.call)).heard
    assert [(one.name, one.purpose, one.case) for one in heard] == [("The manager", None, practice.request)]
    eventually(lambda: hearing(practice).stage is PackStage.READY, "it is ready")
    again = Heard()
    check(practice.box.stores.journal_folder, practice.box.stores.journal.public_key, (), again.saw)
    assert [(who, purpose) for who, _, purpose in again.of(practice.call)] == [("manager", None)]


def hearing(practice):
    return practice.box.ask(AskHearing(practice.manager, practice.request, practice.call))
