/**
 * Sentences that nobody wrote: the project's own text for character models. There is a small grammar to learn, and a topic's
 * words; a model of one topic has to learn new words for the other. The same seed gives the same text everywhere.
 */
import { integerBelow, type RandomSource, seededRandom, unitInterval } from '@tributary/fl-core';

interface Vocabulary {
  readonly subjects: readonly string[];
  readonly verbs: readonly string[];
  readonly objects: readonly string[];
  readonly moments: readonly string[];
}

const VOCABULARIES = {
  water: {
    subjects: [
      'a small stream',
      'the river',
      'rain on the hills',
      'an old well',
      'the morning mist',
      'our brook',
    ],
    verbs: ['finds', 'follows', 'feeds', 'remembers', 'crosses', 'listens to'],
    objects: [
      'the valley',
      'its way to the sea',
      'the wide water',
      'a quiet lake',
      'the stones',
      'every field',
    ],
    moments: ['in spring', 'after the storm', 'before dawn', 'when the snow melts', 'all summer long'],
  },
  kitchen: {
    subjects: [
      'my grandmother',
      'the young baker',
      'a hungry guest',
      'the cook',
      'our neighbour',
      'the whole family',
    ],
    verbs: ['stirs', 'tastes', 'shares', 'waits for', 'salts', 'praises'],
    objects: [
      'the onion soup',
      'a warm loaf',
      'the plum cake',
      'fresh butter',
      'a pot of lentils',
      'the last dumpling',
    ],
    moments: ['on sundays', 'after work', 'without a recipe', 'when it rains', 'by candlelight'],
  },
} as const satisfies Record<string, Vocabulary>;

export type Topic = keyof typeof VOCABULARIES;
export const TOPICS = Object.keys(VOCABULARIES) as readonly Topic[];

export interface TextRequest {
  readonly seed: string;
  /** At least so many; the last sentence is whole. */
  readonly characters: number;
  readonly topic?: Topic;
}

export function generateText({ seed, characters, topic = 'water' }: TextRequest): string {
  const random = seededRandom(`text/${topic}/${seed}`);
  const vocabulary = VOCABULARIES[topic];
  let text = '';
  while (text.length < characters) text += `${sentence(vocabulary, random)} `;
  return text;
}

function sentence({ subjects, verbs, objects, moments }: Vocabulary, random: RandomSource): string {
  const anyOf = (words: readonly string[]) => words[integerBelow(random, words.length)]!;
  const statement = `${anyOf(subjects)} ${anyOf(verbs)} ${anyOf(objects)}`;
  const way = unitInterval(random);
  if (way < 0.25) return `${anyOf(moments)}, ${statement}.`;
  return way < 0.5 ? `${statement} ${anyOf(moments)}.` : `${statement}.`;
}
