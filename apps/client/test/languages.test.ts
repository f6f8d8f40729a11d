/** Types hold the shapes of the languages equal; records with free keys, and sentences left in English, they do not see. */
import { describe, expect, it } from 'vitest';
import { admin as germanAdmin } from '../src/messages/de/admin.ts';
import { de } from '../src/messages/de/index.ts';
import { admin } from '../src/messages/en/admin.ts';
import { common } from '../src/messages/en/common.ts';
import { data } from '../src/messages/en/data.ts';
import { participant } from '../src/messages/en/participant.ts';

const english = { ...common, ...participant, ...data, ...admin };
const german = { ...de, ...germanAdmin };

type Words = Readonly<Record<string, unknown>>;

function texts(words: Words, at = ''): Map<string, unknown> {
  return new Map(
    Object.entries(words).flatMap(([key, value]) =>
      typeof value === 'object' && value !== null
        ? [...texts(value as Words, `${at}${key}.`)]
        : [[`${at}${key}`, value] as const],
    ),
  );
}

describe('German', () => {
  it('has words for whatever English has words for', () => {
    expect([...texts(german).keys()].sort()).toEqual([...texts(english).keys()].sort());
  });

  it('leaves no sentence in English', () => {
    const said = texts(german);
    const untranslated = [...texts({ ...common, ...participant, ...admin })].filter(
      ([path, text]) => typeof text === 'string' && text.split(' ').length > 3 && said.get(path) === text,
    );
    expect(untranslated.map(([path]) => path)).toEqual([]);
  });
});
