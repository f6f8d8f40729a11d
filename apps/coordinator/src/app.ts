/** The composition root: how the coordinator's parts meet. */
import { fileURLToPath } from 'node:url';
import type { TaskManifest } from '@tributary/fl-core';
import { type FastifyBaseLogger, type FastifyInstance, fastify, LogController } from 'fastify';
import { operatorDoor } from './auth/operator.ts';
import { ephemeralSigningKey, loadSigningKey } from './auth/signing-key.ts';
import { ticketOffice } from './auth/tickets.ts';
import { openConnections } from './door/connections.ts';
import { openControlChannel } from './door/control-channel.ts';
import { updateDoor } from './door/update-door.ts';
import { serveAdmin } from './http/admin.ts';
import { serveHealth } from './http/health.ts';
import { joinUrl, serveJoin } from './http/join.ts';
import { serveModels } from './http/models.ts';
import { servePages } from './http/pages.ts';
import { answerErrorsAsProblems, answerUnroutable } from './http/problems.ts';
import { addSecurityHeaders } from './http/security-headers.ts';
import { serveUpdates } from './http/updates.ts';
import { createLog, type LogLevel } from './log.ts';
import { createMetrics } from './metrics.ts';
import { steadyClock } from './run/clock.ts';
import { openRunRegistry, type RunRegistry } from './run/run-registry.ts';
import type { RunSupervisor, RunSurroundings } from './run/run-supervisor.ts';
import { type Steering, steerRun } from './run/steer-run.ts';
import { openFolderStorage, openMemoryStorage } from './storage/storage.ts';
import { type ValidationSets, workerValidation } from './validation/validation.ts';

export interface CoordinatorOptions {
  /** Where everything is kept; null keeps it in memory only. */
  readonly dataFolder: string | null;
  /** Default 127.0.0.1: this machine only. */
  readonly host?: string;
  /** Default 0: any free port. */
  readonly port?: number;
  /** Where people reach it when a proxy stands in front, e.g. `https://learn.example.org`; default: where it listens. */
  readonly publicUrl?: string;
  readonly logLevel?: LogLevel;
  /** The client's build; default `apps/client/dist`. */
  readonly clientFolder?: string;
  readonly validationSets?: ValidationSets;
  /** What one participant of a run reaches alone, for the dashboard; asked each time a run is looked at. */
  readonly soloAccuracy?: (run: RunSupervisor) => number | null;
  /** Open control connections per remote address; default 256. */
  readonly socketsPerAddress?: number;
  /** Default 10 s. */
  readonly checkInTimeoutMs?: number;
  /** Told of each figure on a run's validation set. */
  readonly onMeasured?: RunSurroundings['measured'];
}

export interface Coordinator {
  /** Where it listens, without a trailing slash. */
  readonly url: string;
  /** Where people reach it: what links begin with. */
  readonly publicUrl: string;
  readonly port: number;
  /** At the first start on a data folder, else null: afterwards only its hash is known. */
  readonly operatorToken: string | null;
  readonly runs: RunRegistry;
  createRun(manifest: TaskManifest): Promise<RunSupervisor>;
  steer(run: RunSupervisor, verb: Steering): Promise<void>;
  invite(run: RunSupervisor, validHours?: number): Promise<{ joinUrl: string; expiresAt: number }>;
  /** Lets a participant into the run; belongs in a join link's fragment, or in a participant started here. */
  admissionTicket(run: RunSupervisor, validHours: number): Promise<string>;
  /** Opens the dashboard; for whoever sees this terminal, and only while this process lives. */
  dashboardUrl(): string;
  /** Makes every state durable, then lets go of port and folder. */
  close(): Promise<void>;
}

/** A manifest may carry the topology of a layers model. Updates are streams and have limits of their own. */
const MAXIMUM_JSON_BYTES = 4 * 1024 * 1024;
/** A body that trickles in for longer is cut off (fastify's default is to wait forever). An upload takes seconds. */
const REQUEST_TIMEOUT_MS = 600_000;
const CLIENT_BUILD = fileURLToPath(new URL('../../client/dist', import.meta.url));

/** @throws TributaryError `conflict` when another coordinator uses the folder; EADDRINUSE when the port is taken */
export async function startCoordinator(options: CoordinatorOptions): Promise<Coordinator> {
  const { dataFolder, host = '127.0.0.1' } = options;
  const log = createLog(options.logLevel ?? 'warn');
  const metrics = createMetrics();
  const storage = dataFolder === null ? openMemoryStorage() : await openFolderStorage(dataFolder);
  const tickets = ticketOffice(
    dataFolder === null ? ephemeralSigningKey() : await loadSigningKey(dataFolder),
  );
  const operator = operatorDoor(storage.runs);
  const connections = openConnections();
  const validation = workerValidation(options.validationSets ?? (async () => null));
  const runs = await openRunRegistry({
    storage,
    tickets,
    validation,
    clock: steadyClock(),
    log,
    metrics,
    send: connections.send,
    measured: options.onMeasured,
  });

  const app: FastifyInstance = fastify({
    loggerInstance: log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    forceCloseConnections: true,
    bodyLimit: MAXIMUM_JSON_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    // A proxy with TLS in front runs on this machine; nobody else may say whose request it is.
    trustProxy: 'loopback',
    frameworkErrors: answerUnroutable,
  });
  let url = '';
  const linkOrigin = (): string => options.publicUrl ?? url;
  const admissionTicket = (run: RunSupervisor, validHours: number) =>
    tickets.admission(run.runId, hoursFromNow(validHours));
  const invite = async (run: RunSupervisor, validHours = 24 * 7) => ({
    joinUrl: joinUrl(linkOrigin(), await admissionTicket(run, validHours)),
    expiresAt: hoursFromNow(validHours).getTime(),
  });
  addSecurityHeaders(app);
  answerErrorsAsProblems(app);
  serveHealth(app, { runs, metrics });
  serveModels(app, { storage, runs, metrics });
  serveUpdates(app, { door: updateDoor({ runs, tickets, storage }), metrics });
  serveJoin(app, { runs, tickets });
  const soloAccuracy = options.soloAccuracy ?? (() => null);
  serveAdmin(app, {
    runs,
    storage,
    connections,
    soloAccuracy,
    invite,
    operator,
    publicUrl: options.publicUrl,
  });
  await servePages(app, options.clientFolder ?? CLIENT_BUILD);
  const channel = openControlChannel(app.server, {
    runs,
    tickets,
    connections,
    log,
    metrics,
    socketsPerAddress: options.socketsPerAddress ?? 256,
    checkInTimeoutMs: options.checkInTimeoutMs ?? 10_000,
  });

  const closeStorage = async () => {
    await validation.close();
    await runs.close();
    await storage.close();
  };
  try {
    await app.listen({ host, port: options.port ?? 0 });
  } catch (error) {
    await closeStorage();
    throw error;
  }
  const { port } = app.server.address() as { port: number };
  url = `http://${reachableName(host)}:${port}`;

  return {
    url,
    publicUrl: linkOrigin(),
    port,
    operatorToken: await operator.firstToken(),
    runs,
    createRun: (manifest) => runs.create(manifest),
    steer: steerRun,
    invite,
    admissionTicket,
    dashboardUrl: () => `${linkOrigin()}/admin#token=${operator.startLinkToken()}`,
    async close() {
      await channel.close();
      await app.close();
      await closeStorage();
    },
  };
}

/** "Every address" is none that a browser can open. */
function reachableName(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}

const hoursFromNow = (hours: number): Date => new Date(Date.now() + hours * 3_600_000);
