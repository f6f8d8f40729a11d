/** Types hold the shapes of the languages equal; records with free keys, and sentences left in English, they do not see. */
import { describe, expect, it } from 'vitest';
import { admin as germanAdmin } from '../src/messages/de/admin.ts';
import { common as germanCommon } from '../src/messages/de/common.ts';
import { de } from '../src/messages/de/index.ts';
import { admin } from '../src/messages/en/admin.ts';
import { common } from '../src/messages/en/common.ts';
import { en } from '../src/messages/en/index.ts';

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
    expect([...texts(de).keys()].sort()).toEqual([...texts(en).keys()].sort());
  });

  it('leaves no sentence of the dashboard and of the landing page in English', () => {
    const german = texts({ ...germanCommon, ...germanAdmin });
    const untranslated = [...texts({ ...common, ...admin })].filter(
      ([path, text]) => typeof text === 'string' && text.split(' ').length > 3 && german.get(path) === text,
    );
    expect(untranslated.map(([path]) => path)).toEqual([]);
  });
});
