/** Who sends too much, reads too little, or says nothing at all is cut off, and nobody else notices. */
import { parseManifest } from '@tributary/fl-core';
import { describe, expect, test } from 'vitest';
import { closed, door, join, MANIFEST } from './door-scene.ts';
import { takePart, updateOf } from './participant-driver.ts';
import { smallTask } from './small-task.ts';

describe('floods', () => {
  test('[D-5] a flood of messages ends in a closed connection', async () => {
    const participant = join();
    participant.socket.on('connect', () => {
      for (let i = 0; i < 500; i += 1) participant.send({ type: 'nonsense' });
    });
    await closed(participant);
    expect(participant.messages.some((message) => message.type === 'refused')).toBe(true);
  });

  test('[D-5] a loop of check-ins and goodbyes ends in a closed connection, and costs the others no round', async () => {
    const roomy = await door.coordinator.createRun(smallTask({ overSelection: 2 }));
    await door.coordinator.steer(roomy, 'launch');
    door.ticket = await door.coordinator.admissionTicket(roomy, 1);
    const looper = join();
    looper.checkIn();
    await looper.next('admitted');
    const loops = (async () => {
      for (let time = 0; looper.socket.connected && time < 2000; time += 1) {
        looper.send({ type: 'leave', reason: 'stopped-by-person' });
        looper.checkIn();
        // As fast as the answers come: it is no flood.
        if (time % 10 === 9) await new Promise((resolve) => setTimeout(resolve, 1));
      }
    })();
    const members = [join(), join(), join()];
    for (const member of members) member.checkIn();
    const updates = [0.5, 0.25, 0.125].map((value) => updateOf(MANIFEST, value));
    await Promise.all(members.map((member, i) => takePart(member, door.coordinator.url, updates[i]!)));
    expect(await members[0]!.next('roundCommitted')).toMatchObject({ roundNumber: 1, accepted: true });
    await loops;
    if (looper.socket.connected) await closed(looper);
    expect(looper.messages.at(-1)).toMatchObject({ type: 'refused', code: 'rate-limited', fatal: true });
  });

  test('[D-5] whoever asks without reading the answers is cut off, not buffered', async () => {
    const talkative = await door.coordinator.createRun(
      parseManifest({
        ...MANIFEST,
        model: { kind: 'softmax-regression', inputSize: 4, classes: 10_000 },
        // The answer to a check-in holds the manifest: with these labels more than 600 kB.
        data: {
          ...MANIFEST.data,
          labels: Array.from({ length: 10_000 }, (_, i) => `${i}`.padStart(60, '-')),
        },
      }),
    );
    door.ticket = await door.coordinator.admissionTicket(talkative, 1);
    const participant = join();
    participant.checkIn();
    await participant.next('admitted');
    expect(talkative.state.present).toHaveLength(1);
    const { ws } = participant.socket.io.engine.transport as unknown as { ws: { pause(): void } };
    ws.pause();
    // How much the system's own buffers take first is its affair; a few at a time, so that it is no flood.
    const askOn = () => {
      for (let i = 0; i < 10; i += 1) participant.checkIn();
      return talkative.state.present;
    };
    await expect.poll(askOn, { timeout: 20_000 }).toEqual([]);
  });

  test('[D-5] a socket that never checks in is closed', async () => {
    await closed(join());
  });

  test('[D-5] one address gets so many connections and no more', async () => {
    for (let i = 0; i < 8; i += 1) {
      const participant = join();
      participant.checkIn();
      await participant.next('admitted');
    }
    const refused = new Promise((resolve) => join().socket.once('connect_error', resolve));
    await refused;
    expect(door.run.state.present).toHaveLength(8);
  });
});
