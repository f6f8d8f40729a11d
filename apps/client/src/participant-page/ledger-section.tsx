/** Everything that left the device, as it was written down before it went. */
import { Button, Group, Text } from '@mantine/core';
import type { LedgerEntry } from '@tributary/participant';
import { memo, useMemo, useState } from 'react';
import { saveFile } from '../appearance/save-file.ts';
import { ScrollBox } from '../appearance/scroll-box.tsx';
import { Section } from '../appearance/section.tsx';
import { bytes, count, dayAndTime, timeOfDay } from '../messages/figures.ts';
import { words } from '../messages/index.ts';
import {
  filtered,
  type LedgerFilter,
  type LedgerList,
  ledgerAsCsv,
  ledgerAsJson,
  roundsIn,
} from './ledger-list.ts';
import type { Session } from './session.ts';

/** So many rows stay fluent on a telephone, however long the list. */
const ROWS_PER_PAGE = 25;

interface LedgerProps {
  readonly ledger: LedgerList;
  readonly session: Session;
  /** Part of the names of files that are saved. */
  readonly runName: string;
}

/** Drawn anew only when something left, not with every step of training: the list may be long. */
export const LedgerSection = memo(function LedgerSection({ ledger, session, runName }: LedgerProps) {
  const [filter, setFilter] = useState<LedgerFilter>({ kind: 'all', roundNumber: 'all' });
  const [page, setPage] = useState(0);
  const { entries } = ledger;
  const found = useMemo(() => filtered(entries, filter), [entries, filter]);
  const lastPage = Math.max(0, Math.ceil(found.length / ROWS_PER_PAGE) - 1);
  const shownPage = Math.min(page, lastPage);
  const shown = found.slice(shownPage * ROWS_PER_PAGE, (shownPage + 1) * ROWS_PER_PAGE);
  const text = words.ledger;
  const narrow = (change: Partial<LedgerFilter>) => {
    setFilter({ ...filter, ...change });
    setPage(0);
  };
  return (
    <Section
      title={text.title}
      aside={
        <Text data-testid="ledger-total" data-bytes={ledger.bytes} data-uploads={ledger.uploads}>
          <b>{text.total}</b> {text.totalOf(bytes(ledger.bytes), ledger.count)}
        </Text>
      }
    >
      <Group gap="sm" align="end">
        <Filters entries={entries} filter={filter} onChange={narrow} />
        <Button
          variant="default"
          size="xs"
          disabled={entries.length === 0}
          onClick={() => saveFile(`${runName}-ledger.json`, ledgerAsJson(entries), 'application/json')}
          data-testid="ledger-json"
        >
          {text.asJson}
        </Button>
        <Button
          variant="default"
          size="xs"
          disabled={entries.length === 0}
          onClick={() => saveFile(`${runName}-ledger.csv`, ledgerAsCsv(entries), 'text/csv')}
          data-testid="ledger-csv"
        >
          {text.asCsv}
        </Button>
      </Group>
      {shown.length === 0 ? (
        <Text className="quiet">{entries.length === 0 ? text.none : text.noneSuch}</Text>
      ) : (
        <ScrollBox of={text.title}>
          <table className="plain-table" data-testid="ledger-table">
            <thead>
              <tr>
                <th scope="col">{text.time}</th>
                <th scope="col">{text.what}</th>
                <th scope="col" className="amount">
                  {text.bytes}
                </th>
                <th scope="col">{text.hash}</th>
                <th scope="col">{text.exactly}</th>
              </tr>
            </thead>
            <tbody>
              {shown.map((entry) => (
                <EntryRow key={entry.number} entry={entry} session={session} runName={runName} />
              ))}
            </tbody>
          </table>
        </ScrollBox>
      )}
      {lastPage > 0 && (
        <Group component="nav" gap="sm" aria-label={text.pages}>
          <Button
            variant="default"
            size="xs"
            disabled={shownPage === 0}
            onClick={() => setPage(shownPage - 1)}
          >
            {text.newer}
          </Button>
          <Text size="sm">{text.pageOf(shownPage + 1, lastPage + 1, found.length)}</Text>
          <Button
            variant="default"
            size="xs"
            disabled={shownPage === lastPage}
            onClick={() => setPage(shownPage + 1)}
          >
            {text.older}
          </Button>
        </Group>
      )}
      <Text size="sm" className="quiet">
        {text.counts} {text.keeps}
      </Text>
    </Section>
  );
});

function Filters({
  entries,
  filter,
  onChange,
}: {
  entries: readonly LedgerEntry[];
  filter: LedgerFilter;
  onChange: (change: Partial<LedgerFilter>) => void;
}) {
  const text = words.ledger;
  const rounds = useMemo(() => roundsIn(entries), [entries]);
  return (
    <>
      <label className="choice">
        <span>{text.kind}</span>
        <select
          data-testid="ledger-kind"
          value={filter.kind}
          onChange={({ currentTarget }) => onChange({ kind: currentTarget.value as LedgerFilter['kind'] })}
        >
          <option value="all">{text.allKinds}</option>
          {(['upload', 'message', 'request', 'protocol'] as const).map((kind) => (
            <option key={kind} value={kind}>
              {text.kinds[kind]}
            </option>
          ))}
        </select>
      </label>
      <label className="choice">
        <span>{text.round}</span>
        <select
          data-testid="ledger-round"
          value={filter.roundNumber}
          onChange={({ currentTarget: { value } }) =>
            onChange({ roundNumber: value === 'all' ? 'all' : Number(value) })
          }
        >
          <option value="all">{text.allRounds}</option>
          {rounds.map((round) => (
            <option key={round} value={round}>
              {count(round)}
            </option>
          ))}
        </select>
      </label>
    </>
  );
}

interface EntryRowProps {
  readonly entry: LedgerEntry;
  readonly session: Session;
  readonly runName: string;
}

function EntryRow({ entry, session, runName }: EntryRowProps) {
  const text = words.ledger;
  const [isGone, setGone] = useState(false);
  const label = text.label(entry);
  const save = async () => {
    const payload = await session.sentPayload(entry.sha256).catch(() => null);
    setGone(payload === null);
    if (!payload) return;
    const ending = entry.kind === 'upload' ? 'trbf' : 'txt';
    saveFile(`${runName}-${entry.number}-${entry.subject}.${ending}`, payload, 'application/octet-stream');
  };
  return (
    <tr data-subject={entry.subject} data-sha256={entry.sha256} data-bytes={entry.bytes}>
      <td className="figures">
        <time dateTime={new Date(entry.at).toISOString()} title={dayAndTime(entry.at)}>
          {timeOfDay(entry.at)}
        </time>
      </td>
      <td className="wraps">{label}</td>
      <td className="figures amount">{bytes(entry.bytes)}</td>
      <td className="hash" title={entry.sha256}>
        {entry.bytes > 0 ? `${entry.sha256.slice(0, 12)}…` : ''}
      </td>
      <td>
        {entry.bytes === 0 ? (
          <span className="quiet">{text.noBody}</span>
        ) : isGone ? (
          <span role="status">{text.noLongerKept}</span>
        ) : (
          <button
            type="button"
            className="plain-action"
            onClick={() => void save()}
            aria-label={text.saveOf(label)}
          >
            {text.save}
          </button>
        )}
      </td>
    </tr>
  );
}
