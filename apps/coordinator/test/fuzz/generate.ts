/**
 * Values from a JSON Schema, and what could have become of them on the way: a small fuzzer's generator. Everything
 * is drawn from one seeded source, so a seed gives the same values on every machine.
 */
import { integerBelow, type RandomSource, seededRandom, unitInterval } from '@tributary/fl-core';

export interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly prefixItems?: readonly JsonSchema[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
}

export type Json = null | boolean | number | string | undefined | readonly Json[] | { [key: string]: Json };

export interface Dice {
  below(bound: number): number;
  /** True with this probability. */
  chance(probability: number): boolean;
  pick<T>(items: readonly T[]): T;
}

export function dice(seed: string): Dice {
  const random: RandomSource = seededRandom(seed);
  return {
    below: (bound) => integerBelow(random, bound),
    chance: (probability) => unitInterval(random) < probability,
    pick: (items) => items[integerBelow(random, items.length)]!,
  };
}

/** `true` for what this run really has, by field name: without them nothing would come past the first check. */
export type Facts = Readonly<Record<string, Json>>;

/** A value that fits the schema, often at the edge of it. */
export function generate(schema: JsonSchema, roll: Dice, facts: Facts = {}, depth = 0): Json {
  if (schema.const !== undefined) return schema.const as Json;
  if (schema.enum) return roll.pick(schema.enum) as Json;
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return generate(roll.pick(choices), roll, facts, depth);
  if (schema.allOf) return generate(schema.allOf[0]!, roll, facts, depth);
  const type = Array.isArray(schema.type) ? roll.pick(schema.type) : schema.type;
  switch (type) {
    case 'object':
      return Object.fromEntries(
        Object.entries(schema.properties ?? {})
          .filter(([name]) => schema.required?.includes(name) || roll.chance(0.5))
          .map(([name, field]) => [
            name,
            name in facts && roll.chance(0.7) ? facts[name]! : generate(field, roll, facts, depth + 1),
          ]),
      );
    case 'array': {
      const items = schema.items ?? schema.prefixItems?.[0] ?? {};
      return Array.from({ length: depth > 4 ? 0 : roll.below(4) }, () =>
        generate(items, roll, facts, depth + 1),
      );
    }
    case 'string':
      return textFor(schema, roll);
    case 'integer':
      return Math.trunc(numberFor(schema, roll));
    case 'number':
      return numberFor(schema, roll);
    case 'boolean':
      return roll.chance(0.5);
    case 'null':
      return null;
    default:
      return junk(roll);
  }
}

function numberFor(schema: JsonSchema, roll: Dice): number {
  const low = schema.minimum ?? (schema.exclusiveMinimum ?? -1e6) + 1;
  const high = schema.maximum ?? (schema.exclusiveMaximum ?? 1e6) - 1;
  return roll.pick([low, high, low + roll.below(100), low + ((high - low) * roll.below(1000)) / 1000]);
}

const HEX = [...'0123456789abcdef'];

function textFor({ pattern, minLength = 0, maxLength = 60 }: JsonSchema, roll: Dice): string {
  const counted = /^\^(.*?)\[[^\]]*\]\{(\d+)(?:,\d+)?\}\$$/.exec(pattern ?? '');
  if (counted) {
    return counted[1] + Array.from({ length: Number(counted[2]) }, () => roll.pick(HEX)).join('');
  }
  const length = roll.pick([minLength, Math.min(maxLength, 200), minLength + roll.below(40)]);
  return Array.from({ length }, () => String.fromCharCode(33 + roll.below(90))).join('');
}

/** What somebody who has no idea, or too many, would put there. */
export function junk(roll: Dice): Json {
  return roll.pick(JUNK)(roll);
}

const NUMBERS = [
  0,
  -0,
  1,
  -1,
  0.5,
  2 ** 31,
  2 ** 31 - 1,
  -(2 ** 31),
  2 ** 32,
  2 ** 53,
  2 ** 53 + 2,
  1e38,
  1e308,
  5e-324,
  1e21,
];
const TEXTS = [
  '',
  ' ',
  'hello',
  '__proto__',
  'constructor',
  'toString',
  'null',
  'NaN',
  '1e999',
  '0x10',
  '\u0000',
  '\ud800',
  '🜁'.repeat(20),
  '../../etc/passwd',
  '%00%ff',
  '<script>',
  "'; drop table runs; --",
  '{"type":"leave"}',
];
const NAMES = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'then',
  'toJSON',
  'length',
  'type',
];

const JUNK: readonly ((roll: Dice) => Json)[] = [
  (roll) => roll.pick(NUMBERS),
  (roll) => roll.pick(NUMBERS),
  (roll) => roll.pick(TEXTS),
  (roll) => roll.pick(TEXTS),
  () => null,
  (roll) => roll.chance(0.5),
  () => [],
  () => ({}),
  (roll) => 'x'.repeat(1 + roll.below(20_000)),
  (roll) => nested(1 + roll.below(300), roll),
  (roll) => ownKey({}, roll.pick(NAMES), roll.pick(TEXTS)),
  (roll) => Array.from({ length: roll.below(50) }, () => roll.pick(NUMBERS)),
  (roll) => Object.fromEntries(Array.from({ length: roll.below(50) }, (_, i) => [`key${i}`, i])),
];

function nested(depth: number, roll: Dice): Json {
  let value: Json = 1;
  for (let level = 0; level < depth; level += 1) value = roll.chance(0.5) ? [value] : { a: value };
  return value;
}

/** An own property even when it is called `__proto__`. */
function ownKey(object: object, key: string, value: unknown): { [key: string]: Json } {
  Object.defineProperty(object, key, { value, enumerable: true, writable: true, configurable: true });
  return object as { [key: string]: Json };
}

/** One to three changes, anywhere in the value. */
export function mutate(value: Json, roll: Dice): Json {
  let changed = structuredClone(value) as Json;
  for (let times = 1 + roll.below(3); times > 0; times -= 1) changed = mutateOnce(changed, roll);
  return changed;
}

function mutateOnce(value: Json, roll: Dice): Json {
  if (roll.chance(0.05)) return junk(roll);
  if (roll.chance(0.03)) return [value];
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return junk(roll);
  const object = value as { [key: string]: Json };
  const keys = Object.keys(object);
  if (keys.length === 0) return ownKey(object, roll.pick(NAMES), junk(roll));
  const key = roll.pick(keys);
  switch (roll.below(7)) {
    case 0:
      delete object[key];
      return object;
    case 1:
      return ownKey(object, roll.pick([...NAMES, 'extra', '']), junk(roll));
    case 2: {
      const other = roll.pick(keys);
      const held = object[key];
      ownKey(object, key, object[other]);
      return ownKey(object, other, held);
    }
    case 3: {
      const inner = object[key];
      const isDeeper = typeof inner === 'object' && inner !== null;
      return ownKey(object, key, isDeeper ? mutateOnce(inner, roll) : junk(roll));
    }
    case 4:
      return ownKey(object, key, nearMiss(object[key], roll));
    default:
      return ownKey(object, key, junk(roll));
  }
}

/** Of another type, or just beyond the edge. */
function nearMiss(value: Json, roll: Dice): Json {
  if (typeof value === 'number') {
    return roll.pick([`${value}`, -value, value + 0.5, value * 2 ** 40, value + 1, value - 1, [value]]);
  }
  if (typeof value === 'string') {
    return roll.pick([
      value.toUpperCase(),
      `${value} `,
      value.slice(1),
      value + value,
      [value],
      value.length,
      `${value}\u0000`,
    ]);
  }
  return junk(roll);
}
