import { describe, expect, it } from "vitest";
import type { EncryptionState } from "../src/e2ee/cipher.js";
import type { Encrypter } from "../src/e2ee/encryption.js";
import { joined, person, trackInfo } from "./fakes.js";
import { joinedRoom, offer, publishCamera } from "./joined-room.js";

class FakeEncrypter implements Encrypter {
  readonly calls: string[] = [];
  told: (identity: string, state: EncryptionState) => void = () => undefined;
  begin(room: string, identity: string, told: (identity: string, state: EncryptionState) => void): void {
    this.calls.push(`begin ${room} ${identity}`);
    this.told = told;
  }
  sending(): void {
    this.calls.push("sending");
  }
  receiving(_receiver: RTCRtpReceiver, identity: string): void {
    this.calls.push(`receiving ${identity}`);
  }
  end(): void {
    this.calls.push("end");
  }
}

describe("a room with end-to-end encryption", () => {
  it("has every sender and receiver encrypted, before anything flows, under the identity of who sends", async () => {
    const encryption = new FakeEncrypter();
    const people = [person("p2", "bob", [trackInfo("t3")]), person("p3", "carol", [trackInfo("t4")])];
    const { browser, room } = await joinedRoom(joined({ participants: people }), {}, { encryption });
    await publishCamera(browser, room);
    const both = offer(1, [
      ["0", "t3"],
      ["1", "t4"],
    ]);
    (both["tracks"] as { participant: string }[])[1]!.participant = "p3";
    await browser.socket.say(both);
    expect(encryption.calls).toEqual(["begin tea ada", "sending", "receiving bob", "receiving carol"]);
    room.disconnect();
    expect(encryption.calls.at(-1)).toBe("end");
  });

  it("tells whose frames can't be read", async () => {
    const encryption = new FakeEncrypter();
    const { room } = await joinedRoom(joined(), {}, { encryption });
    const heard: unknown[] = [];
    room.on("encryptionChanged", ({ identity, encryption: state }) => heard.push([identity, state]));
    expect(room.participants[0]?.encryption).toBeUndefined();
    encryption.told("bob", "wrong_key");
    encryption.told("nobody", "wrong_key");
    for (let time = 0; time < 2; time++) encryption.told("bob", "ok");
    expect(heard).toEqual([
      ["bob", "wrong_key"],
      ["bob", "ok"],
    ]);
  });
});
