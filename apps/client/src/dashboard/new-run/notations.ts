/** How a value of the manifest is written in a field, and read from it. `write` of what `read` gave means the same. */
export interface Notation {
  /** Empty is `undefined`: the field is left out. What cannot be read stays the text that it is. */
  readonly read: (text: string) => unknown;
  readonly write: (value: unknown) => string;
}

export const NOTATIONS = {
  text: { read: (text) => text || undefined, write: asText },
  'long-text': { read: (text) => text || undefined, write: asText },
  number: { read: (text) => (text.trim() === '' ? undefined : numberOr(text)), write: asText },
  numbers: { read: (text) => listOf(text)?.map(numberOr), write: asList },
  words: { read: listOf, write: asList },
  /** Line breaks and tabs as programmers write them, because a field is one line. */
  alphabet: {
    read: (text) => text.replace(/\\([nt\\])/g, (_, sign: string) => CONTROLS[sign]!) || undefined,
    write: (value) =>
      asText(value).replace(/[\n\t\\]/g, (sign) => `\\${sign === '\n' ? 'n' : sign === '\t' ? 't' : sign}`),
  },
  /** `32/2, 64`: filters of each block, and the stride where it is not 1. */
  'separable-blocks': {
    read: (text) => listOf(text)?.map((part) => (typeof part === 'string' ? blockOr(part) : part)),
    write: (value) => asList(Array.isArray(value) ? value.map(blockAsText) : value, value),
  },
  json: {
    read: (text) => {
      try {
        return text.trim() === '' ? undefined : JSON.parse(text);
      } catch {
        return text;
      }
    },
    write: (value) => (typeof value === 'string' ? value : (JSON.stringify(value) ?? '')),
  },
} as const satisfies Record<string, Notation>;

const CONTROLS: Readonly<Record<string, string>> = { n: '\n', t: '\t', '\\': '\\' };

function blockOr(text: string): unknown {
  const match = /^(\d+)(?:\s*\/\s*(\d+))?$/.exec(text);
  return match ? { filters: Number(match[1]), stride: Number(match[2] ?? 1) } : text;
}

function blockAsText(block: unknown): unknown {
  const { filters, stride } = (block ?? {}) as { filters?: unknown; stride?: unknown };
  if (typeof filters !== 'number' || typeof stride !== 'number') return block;
  return stride === 1 ? String(filters) : `${filters}/${stride}`;
}

/** Also with a decimal comma, as half of Europe types it. */
function numberOr(text: string): number | string {
  const value = Number(text.trim().replace(/^(-?\d+),(\d+)$/, '$1.$2'));
  return text.trim() !== '' && Number.isFinite(value) ? value : text;
}

/** Parts between commas or lines; as JSON where a part holds a comma itself. */
function listOf(text: string): string[] | undefined {
  if (text.trimStart().startsWith('[')) {
    const list = NOTATIONS.json.read(text);
    if (Array.isArray(list)) return list;
  }
  const parts = text
    .split(/[,\n]/)
    .map((part) => part.trim())
    .filter((part) => part !== '');
  return parts.length === 0 ? undefined : parts;
}

function asText(value: unknown): string {
  if (value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** @param meant what is written out in full where a part could be misread */
function asList(value: unknown, meant = value): string {
  if (!Array.isArray(value)) return asText(value);
  const parts = value.map(asText);
  return parts.every((part) => part === part.trim() && !/[,\n]/.test(part))
    ? parts.join(', ')
    : JSON.stringify(meant);
}
