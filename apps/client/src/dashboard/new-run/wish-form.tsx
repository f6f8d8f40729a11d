/** What an update may cost or lose, in plain words: fills in the fields of the compression. */
import { Button, Group, NativeSelect, Text, TextInput } from '@mantine/core';
import {
  A_LITTLE_LOSS,
  type CompressionWish,
  NO_MEASURABLE_LOSS,
  planByWish,
  type WishAnswer,
} from '@tributary/fl-core';
import { type RefObject, useEffect, useRef, useState } from 'react';
import { decimal } from '../../messages/figures.ts';
import { compressionRequest, draftWithPlan } from './compression-request.ts';
import type { Draft } from './draft.ts';
import { errorInWords } from './forecast-words.ts';
import { inPieces } from './in-pieces.ts';
import { NOTATIONS } from './notations.ts';
import { formWords } from './words.ts';

const KINDS = ['bytes', 'none', 'little'] as const;
const LOSSES = { none: NO_MEASURABLE_LOSS, little: A_LITTLE_LOSS } as const;

type Search =
  | { readonly kind: 'idle' | 'searching' | 'failed' }
  | { readonly kind: 'answered'; readonly answer: WishAnswer };

export default function WishForm({ draft, onChange }: { draft: Draft; onChange: (draft: Draft) => void }) {
  const text = formWords().wish;
  const [kind, setKind] = useState<(typeof KINDS)[number]>('bytes');
  const [typed, setTyped] = useState('0.5');
  const [search, setSearch] = useState<Search>({ kind: 'idle' });
  const stopping = useRef<AbortController | null>(null);
  useEffect(() => () => stopping.current?.abort(), []);
  const newest = useRef(draft);
  newest.current = draft;

  const wish = wishOf(kind, typed);
  const request = compressionRequest({ ...draft, compression: undefined });
  const start = async () => {
    if (!wish || !request) return;
    stopping.current?.abort();
    const { signal } = startAnew(stopping);
    setSearch({ kind: 'searching' });
    try {
      const answer = await inPieces(planByWish({ ...request, wish }), signal);
      if (answer.kind === 'possible') onChange(draftWithPlan(newest.current, answer.compression));
      setSearch({ kind: 'answered', answer });
    } catch {
      if (!signal.aborted) setSearch({ kind: 'failed' });
    }
  };
  const change = (next: () => void) => {
    stopping.current?.abort();
    setSearch({ kind: 'idle' });
    next();
  };
  const isImpossible = search.kind === 'answered' && search.answer.kind === 'impossible';
  return (
    <fieldset className="wish" data-testid="wish">
      <legend>{text.title}</legend>
      <Text size="sm" className="quiet">
        {text.hint}
      </Text>
      <div className="form-row">
        <NativeSelect
          label={text.kind}
          value={kind}
          onChange={({ currentTarget }) =>
            change(() => setKind(KINDS.find((other) => other === currentTarget.value)!))
          }
          data={KINDS.map((value) => ({ value, label: text.kinds[value] }))}
          error={kind !== 'bytes' && isImpossible && saidOf(search)}
        />
        {kind === 'bytes' && (
          <TextInput
            label={text.bytes}
            description={text.bytesHelp}
            inputWrapperOrder={['label', 'input', 'error', 'description']}
            inputMode="decimal"
            value={typed}
            error={wish ? isImpossible && saidOf(search) : text.notBytes}
            onChange={({ currentTarget }) => change(() => setTyped(currentTarget.value))}
          />
        )}
      </div>
      <Group gap="sm">
        <Button
          variant="default"
          disabled={!wish || !request}
          // Not disabled while it searches: that would take the focus away. Pressed again, it starts again.
          aria-busy={search.kind === 'searching'}
          onClick={() => void start()}
        >
          {text.find}
        </Button>
        <Text size="sm" role="status">
          {request ? !isImpossible && saidOf(search) : text.faulty}
        </Text>
      </Group>
    </fieldset>
  );
}

function startAnew(stopping: RefObject<AbortController | null>): AbortController {
  stopping.current = new AbortController();
  return stopping.current;
}

function wishOf(kind: (typeof KINDS)[number], typed: string): CompressionWish | null {
  if (kind !== 'bytes') return { kind: 'accuracy', meanError: LOSSES[kind] };
  const bytesPerParameter = NOTATIONS.number.read(typed);
  return typeof bytesPerParameter === 'number' && bytesPerParameter > 0
    ? { kind: 'bytes', bytesPerParameter }
    : null;
}

function saidOf(search: Search): string {
  const text = formWords().wish;
  if (search.kind !== 'answered') return search.kind === 'idle' ? '' : text[search.kind];
  const { answer } = search;
  if (answer.kind === 'possible') {
    const { bytesPerParameter, meanError } = answer.forecast;
    return text.found(decimal(bytesPerParameter), errorInWords(meanError));
  }
  const { possible } = answer;
  return possible.kind === 'bytes'
    ? text.impossibleBytes(decimal(possible.bytesPerParameter))
    : text.impossibleError(
        errorInWords({ independent: possible.meanError, 'half-aligned': possible.meanError }),
      );
}
