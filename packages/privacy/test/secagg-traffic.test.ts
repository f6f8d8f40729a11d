import { memberBytes } from '@tributary/privacy';
import { expect, it } from 'vitest';
import { type Messages, playScene } from './secagg-scene.ts';

it('a member sends as many bytes beside its vectors as a forecast says', async () => {
  let sent = 0;
  const counted = (bytes: Uint8Array, member: number) => {
    if (member === 0) sent += bytes.length;
    return bytes;
  };
  const messages: Messages = {
    keysOffered: counted,
    sharesSealed: counted,
    survivorsConfirmed: counted,
    sharesRevealed: counted,
  };
  await playScene({ n: 6, messages });
  expect(sent).toBe(memberBytes({ degree: 5 }));
});
