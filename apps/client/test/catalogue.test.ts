/** Every word that a person reads comes from the catalogue, and the catalogue is whole in every language. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { admin as germanAdmin } from '../src/messages/de/admin.ts';
import { de } from '../src/messages/de/index.ts';
import { landing as germanLanding } from '../src/messages/de/landing.ts';
import { manifestForm as germanManifestForm } from '../src/messages/de/manifest-form.ts';
import { participant as germanParticipant } from '../src/messages/de/participant.ts';
import { roofline as germanRoofline } from '../src/messages/de/roofline.ts';
import { secureSum as germanSecureSum } from '../src/messages/de/secure-sum.ts';
import { admin } from '../src/messages/en/admin.ts';
import { common } from '../src/messages/en/common.ts';
import { data } from '../src/messages/en/data.ts';
import { landing } from '../src/messages/en/landing.ts';
import { manifestForm } from '../src/messages/en/manifest-form.ts';
import { participant } from '../src/messages/en/participant.ts';
import { roofline } from '../src/messages/en/roofline.ts';
import { secureSum } from '../src/messages/en/secure-sum.ts';

const en = { ...common, ...participant, ...data, ...admin, landing, manifestForm, roofline, secureSum };
const german = {
  ...{ ...de, ...germanParticipant, ...germanAdmin },
  landing: germanLanding,
  manifestForm: germanManifestForm,
  roofline: germanRoofline,
  secureSum: germanSecureSum,
};

const SOURCE = fileURLToPath(new URL('../src', import.meta.url));
const components = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.tsx'),
);

/** Text between tags, and attributes that are read out or shown. */
const SPOKEN = [
  />\s*([^<>{}=;()]*[A-Za-z]{3}[^<>{}=;()]*)\s*<\//g,
  /\s(?:aria-label|aria-description|label|title|placeholder|alt|description)="([^"]*[A-Za-z]{2}[^"]*)"/g,
];

describe('the catalogue', () => {
  it.each(components)('has the words of %s', (file) => {
    const source = readFileSync(path.join(SOURCE, file), 'utf8').replaceAll(/\/\*[\s\S]*?\*\//g, '');
    expect(SPOKEN.flatMap((words) => [...source.matchAll(words)].map(([, text]) => text!.trim()))).toEqual(
      [],
    );
  });

  it('says everything in German, too', () => {
    const english = sentencesOf(en);
    const said = sentencesOf(german);
    expect([...said.keys()].sort()).toEqual([...english.keys()].sort());
    // A word may be the same in both languages; a sentence is not.
    const untranslated = [...english].filter(
      ([where, text]) => text.split(' ').length >= 4 && said.get(where) === text,
    );
    expect(untranslated).toEqual([]);
    expect(english.size).toBeGreaterThan(300);
  });

  it('a German sentence takes the same figures as the English one', () => {
    const said = functionsOf(german);
    for (const [where, english] of functionsOf(en)) {
      expect(said.get(where)?.length, where).toBe(english.length);
    }
  });
});

type Entry = string | ((...args: never[]) => unknown) | object;

function entriesOf(messages: object, prefix = ''): [string, Entry][] {
  return Object.entries(messages).flatMap(([key, entry]: [string, Entry]): [string, Entry][] =>
    typeof entry === 'object' ? entriesOf(entry, `${prefix}${key}.`) : [[prefix + key, entry]],
  );
}

function sentencesOf(messages: object): Map<string, string> {
  return new Map(
    entriesOf(messages).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

function functionsOf(messages: object): Map<string, (...args: never[]) => unknown> {
  return new Map(
    entriesOf(messages).filter(
      (entry): entry is [string, (...args: never[]) => unknown] => typeof entry[1] === 'function',
    ),
  );
}
