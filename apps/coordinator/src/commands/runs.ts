/** `runs`: list and steer the runs of a running coordinator. */
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import {
  type Adaptation,
  adaptedManifest,
  type Invite,
  importedModelSchema,
  inviteSchema,
  modelUploadedSchema,
  parseManifest,
  type RunSummary,
  runDetailSchema,
  runSummarySchema,
  type SteeringEntry,
  steeringEntrySchema,
  USUAL_ADAPTATION,
} from '@tributary/fl-core';
import * as z from 'zod/mini';
import { STEERING } from '../run/steer-run.ts';
import { TEMPLATES } from '../templates/index.ts';
import { ADMIN_HELP, ADMIN_OPTIONS, type AdminClient, adminClient } from './admin-client.ts';
import { type Command, print, printJson, UsageError } from './command.ts';
import { savedLayers } from './saved-layers.ts';

export const runs: Command = {
  help: `Usage: tributary runs [list]
       tributary runs create (--template ID [--name NAME] | --manifest FILE [--base FILE]) [--model PATH]
       tributary runs adapt RUN [--name NAME] [--rank N] [--scale X] [--trains both|b]
       tributary runs launch|pause|resume|stop RUN
       tributary runs rollback RUN ROUND
       tributary runs log RUN
       tributary runs invite RUN [--hours N] [--devices N] [--label TEXT]
       tributary runs invites RUN
       tributary runs revoke RUN INVITE

A new run is paused until launched. \`adapt\` makes one that trains adapters (LoRA) beside the newest model of RUN, a
character transformer, and sends only those. \`pause\` lets the round in progress finish. \`rollback\` makes the model that an
earlier committed round left the current one (0: the first model) and leaves the run paused. \`log\` says who did what.

Runs from templates use secure aggregation: rounds of ten people, of whom eight are needed. A manifest may say otherwise.

${ADMIN_HELP}
  --template ID      start from a template (${TEMPLATES.map(({ id }) => id).join(', ')})
  --manifest FILE    start from a manifest
  --base FILE        upload this frame first: the model that the manifest adapts, in place of the one that it names
  --model PATH       begin with a saved TensorFlow.js layers model: its folder, its model.json, or a zip; it takes the
                     place of the model in the template or manifest, whose data it must fit
  --name NAME        name of a run made from a template or another run
  --rank N           width of the adapters (default ${USUAL_ADAPTATION.rank})
  --scale X          how much they count (default ${USUAL_ADAPTATION.scale})
  --trains both|b    which of their factors: b alone sends a third less, and averages exactly (default both)
  --hours N          how long a join link is valid (default 168)
  --devices N        how many devices may join by it (default: any number)
  --label TEXT       whom the link is for
  --json             prints JSON and nothing else on stdout`,

  async run(args) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        ...ADMIN_OPTIONS,
        template: { type: 'string' },
        manifest: { type: 'string' },
        name: { type: 'string' },
        base: { type: 'string' },
        model: { type: 'string' },
        rank: { type: 'string' },
        scale: { type: 'string' },
        trains: { type: 'string' },
        hours: { type: 'string', default: '168' },
        devices: { type: 'string' },
        label: { type: 'string', default: '' },
        json: { type: 'boolean', default: false },
      },
    });
    const [verb = 'list', ...operands] = positionals;
    const perform = actionFor(verb, operands, values);
    const result = await perform(adminClient(values));
    if (values.json) printJson(result);
    else print(asText(result));
    return 0;
  },
};

type Values = {
  template?: string;
  manifest?: string;
  name?: string;
  base?: string;
  model?: string;
  rank?: string;
  trains?: string;
  scale?: string;
  hours: string;
  devices?: string;
  label: string;
};
type Result = RunSummary | RunSummary[] | Invite | { invites: Invite[] } | { log: SteeringEntry[] };
type Action = (client: AdminClient) => Promise<Result>;

function actionFor(verb: string, operands: readonly string[], values: Values): Action {
  if (verb === 'list') {
    expectOperands(operands, 0, 'list takes no run');
    return async (client) => z.array(runSummarySchema).parse(await client.json('GET', 'runs'));
  }
  if (verb === 'create') {
    expectOperands(operands, 0, 'create takes --template or --manifest');
    return async (client) =>
      runSummarySchema.parse(await client.json('POST', 'runs', await creation(values, client)));
  }
  const isSteering = (STEERING as readonly string[]).includes(verb);
  const isKnown = ['adapt', 'rollback', 'log', 'invite', 'invites', 'revoke'].includes(verb);
  if (!isSteering && !isKnown) throw new UsageError(`there is no \`runs ${verb}\``);
  if (verb === 'rollback') expectOperands(operands, 2, 'rollback takes a run and the round to go back to');
  else if (verb === 'revoke') expectOperands(operands, 2, 'revoke takes a run and one of its invites');
  else expectOperands(operands, 1, `${verb} takes one run, as \`tributary runs\` lists it`);
  const path = `runs/${encodeURIComponent(operands[0]!)}`;
  if (isSteering)
    return async (client) => runSummarySchema.parse(await client.json('POST', `${path}/${verb}`));
  if (verb === 'rollback') {
    const roundNumber = Number(operands[1]);
    if (!Number.isInteger(roundNumber) || roundNumber < 0) throw new UsageError('a round is a whole number');
    return async (client) =>
      runSummarySchema.parse(await client.json('POST', `${path}/rollback`, { roundNumber }));
  }
  if (verb === 'adapt') {
    const terms = adaptationOf(values);
    return async (client) => {
      const { manifest, summary } = runDetailSchema.parse(await client.json('GET', path));
      const name = values.name ?? `${manifest.name}, adapted`.slice(0, 120);
      const adapted = adaptedManifest(manifest, { ...terms, name, baseModel: summary.modelHash });
      return runSummarySchema.parse(await client.json('POST', 'runs', { manifest: adapted }));
    };
  }
  if (verb === 'log')
    return async (client) => ({
      log: z.array(steeringEntrySchema).parse(await client.json('GET', `${path}/log`)),
    });
  if (verb === 'invites')
    return async (client) => ({
      invites: z.array(inviteSchema).parse(await client.json('GET', `${path}/invites`)),
    });
  if (verb === 'revoke') {
    const invite = encodeURIComponent(operands[1]!);
    return async (client) => inviteSchema.parse(await client.json('DELETE', `${path}/invites/${invite}`));
  }
  const terms = termsOf(values);
  return async (client) => inviteSchema.parse(await client.json('POST', `${path}/invites`, terms));
}

function termsOf({ hours, devices, label }: Values): unknown {
  const validHours = Number(hours);
  if (!(validHours > 0)) throw new UsageError('--hours is a positive number');
  const maximumDevices = devices === undefined ? null : Number(devices);
  if (maximumDevices !== null && !(Number.isInteger(maximumDevices) && maximumDevices > 0)) {
    throw new UsageError('--devices is a positive whole number');
  }
  return { label, validHours, maximumDevices };
}

function adaptationOf({ rank, scale, trains }: Values): Pick<Adaptation, 'rank' | 'scale' | 'trains'> {
  const [ranked, scaled] = [rank, scale].map((value) => (value === undefined ? undefined : Number(value)));
  if (ranked !== undefined && !(Number.isInteger(ranked) && ranked > 0)) {
    throw new UsageError('--rank is a positive whole number');
  }
  if (scaled !== undefined && !(scaled > 0)) throw new UsageError('--scale is a positive number');
  if (trains !== undefined && trains !== 'both' && trains !== 'b')
    throw new UsageError('--trains is both or b');
  return {
    ...(ranked !== undefined && { rank: ranked }),
    ...(scaled !== undefined && { scale: scaled }),
    ...(trains && { trains }),
  };
}

async function creation(values: Values, client: AdminClient): Promise<unknown> {
  const { template, manifest, name, base, model } = values;
  if ((template === undefined) === (manifest === undefined)) {
    throw new UsageError('create takes either --template or --manifest');
  }
  if (manifest !== undefined && name !== undefined) {
    throw new UsageError('--name goes with --template; a manifest says its own name');
  }
  if (base !== undefined && manifest === undefined) throw new UsageError('--base goes with --manifest');
  if (base !== undefined && model !== undefined)
    throw new UsageError('a layers model adapts none: take either --base or --model');
  if (model !== undefined) {
    const document = manifest === undefined ? fromTemplate(template!, name) : await readManifest(manifest);
    return { manifest: await beginningWith(document, model, client) };
  }
  if (manifest !== undefined) {
    const document = await readManifest(manifest);
    return { manifest: base === undefined ? document : await onBase(document, base, client) };
  }
  return { templateId: template, ...(name !== undefined && { name }) };
}

function fromTemplate(templateId: string, name: string | undefined): object {
  const template = TEMPLATES.find(({ id }) => id === templateId);
  if (!template) throw new UsageError(`--template is one of ${TEMPLATES.map(({ id }) => id).join(', ')}`);
  return { ...template.manifest, ...(name !== undefined && { name }) };
}

/** The manifest with the uploaded layers and their weights, whatever model it had. */
async function beginningWith(document: unknown, path: string, client: AdminClient): Promise<unknown> {
  if (typeof document !== 'object' || document === null) throw new UsageError('--manifest is not a manifest');
  const uploaded = await client.upload('models/layers', await savedLayers(path));
  const { model, modelHash } = importedModelSchema.parse(uploaded);
  return { ...document, model, initialModel: modelHash };
}

/** The manifest with the uploaded model as the one that it adapts. */
async function onBase(document: unknown, file: string, client: AdminClient): Promise<unknown> {
  const { model } = parseManifest(document);
  if (model.kind !== 'char-transformer' || !model.adaptation) {
    throw new UsageError('--base is for a manifest whose model has an adaptation');
  }
  const uploaded = modelUploadedSchema.parse(await client.upload('models', await readFile(file)));
  const adaptation = { ...model.adaptation, baseModel: uploaded.modelHash };
  return { ...(document as object), model: { ...model, adaptation } };
}

async function readManifest(file: string): Promise<unknown> {
  const text = await readFile(file, 'utf8');
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error(`${file} is not JSON: ${cause instanceof Error ? cause.message : ''}`, { cause });
  }
}

function expectOperands(operands: readonly string[], count: number, message: string): void {
  if (operands.length !== count) throw new UsageError(message);
}

function asText(result: Result): string {
  if ('joinUrl' in result)
    return result.revokedAt === null
      ? `${result.joinUrl}\n${result.inviteId}, valid until ${new Date(result.expiresAt).toISOString()}`
      : `${result.inviteId} is taken back; nobody checks in by it any more.`;
  if ('invites' in result) return result.invites.map(inviteLine).join('\n') || 'No invites yet.';
  if ('log' in result) return result.log.map(steeringLine).join('\n') || 'Nobody steered this run yet.';
  const list = Array.isArray(result) ? result : [result];
  if (list.length === 0) return 'No runs yet; `tributary runs create --template digits-softmax` makes one.';
  return list.map(line).join('\n');
}

function inviteLine(invite: Invite): string {
  const devices = `${invite.devices}/${invite.maximumDevices ?? 'any'} devices`;
  const validity =
    invite.revokedAt === null ? `until ${new Date(invite.expiresAt).toISOString()}` : 'taken back';
  return `${invite.inviteId}  ${devices.padEnd(16)}  ${validity.padEnd(30)}  ${invite.label}`;
}

function steeringLine({ at, operatorName, action, detail }: SteeringEntry): string {
  return `${new Date(at).toISOString()}  ${action.padEnd(13)}  ${operatorName}${detail && `: ${detail}`}`;
}

function line(run: RunSummary): string {
  const accuracy = run.accuracy === null ? 'not measured' : `${(run.accuracy * 100).toFixed(1)} %`;
  const rounds = `${run.committedRounds}/${run.targetRounds} rounds`;
  return `${run.runId}  ${run.status.padEnd(9)}  ${rounds.padEnd(14)}  ${accuracy.padEnd(12)}  ${run.present} present  ${run.name}`;
}
