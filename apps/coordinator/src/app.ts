/** The composition root: how the coordinator's parts meet. */
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { BlobHash, Invite, TaskManifest } from '@tributary/fl-core';
import { type FastifyBaseLogger, type FastifyInstance, fastify, LogController } from 'fastify';
import { type InviteTerms, openInvites } from './admission/invites.ts';
import { openAggregation } from './aggregation/aggregation.ts';
import { operatorDoor } from './auth/operator.ts';
import { ephemeralSigningKey, loadSigningKey } from './auth/signing-key.ts';
import { ticketOffice } from './auth/tickets.ts';
import { openConnections } from './door/connections.ts';
import { openControlChannel } from './door/control-channel.ts';
import { DEFAULT_PACE, type UploadPace } from './door/receive-body.ts';
import { updateDoor } from './door/update-door.ts';
import { openCodedModels } from './downlink/coded-models.ts';
import { openModelVersions } from './downlink/model-versions.ts';
import { serveAdmin } from './http/admin.ts';
import { serveHealth } from './http/health.ts';
import { joinUrl, serveJoin, ticketIn } from './http/join.ts';
import { loginUrl } from './http/login-url.ts';
import { serveModels } from './http/models.ts';
import { servePages } from './http/pages.ts';
import { answerErrorsAsProblems, answerUnreadable, answerUnroutable } from './http/problems.ts';
import { addSecurityHeaders } from './http/security-headers.ts';
import { serveUpdates } from './http/updates.ts';
import { createLog, type LogLevel } from './log.ts';
import { createMetrics } from './metrics.ts';
import { endAnsweredRequests } from './network/answered-requests.ts';
import { CONNECTIONS_PER_SOCKET, LIMITS, SOCKETS_PER_ADDRESS } from './network/limits.ts';
import { openListeners } from './network/listener.ts';
import { allowOrigins } from './network/origins.ts';
import { trustedProxies } from './network/proxies.ts';
import { type Reach, reachOf } from './network/reach.ts';
import { openTls, type TlsChoice } from './network/tls.ts';
import { steadyClock } from './run/clock.ts';
import { openDownloadCounts } from './run/download-counts.ts';
import { openRunRegistry, type RunRegistry } from './run/run-registry.ts';
import type { RunSupervisor, RunSurroundings } from './run/run-supervisor.ts';
import { openShelf } from './run/shelf.ts';
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
  /** Default: plain HTTP, with which browsers on other machines cannot train. */
  readonly tls?: TlsChoice;
  /** Proxies that may say for whom they speak: `loopback`, `none`, addresses, ranges; default `loopback`. */
  readonly trustProxy?: readonly string[];
  /** Exact origins of pages that embed the SDK; default none. */
  readonly allowedOrigins?: readonly string[];
  /** Pages are cross-origin isolated, so that they may train on several threads; default false. */
  readonly crossOriginIsolated?: boolean;
  readonly logLevel?: LogLevel;
  /** The client's build; default `apps/client/dist`. */
  readonly clientFolder?: string;
  readonly validationSets?: ValidationSets;
  /** What one participant of a run reaches alone, for the dashboard; asked each time a run is looked at. */
  readonly soloAccuracy?: (run: RunSupervisor) => number | null;
  /** Open control connections per remote address; default `SOCKETS_PER_ADDRESS`. */
  readonly socketsPerAddress?: number;
  /** Default 10 s. */
  readonly checkInTimeoutMs?: number;
  /** Slower uploads are ended, and may go on; default 16 KiB in 15 s. */
  readonly uploadPace?: UploadPace;
  /** Told of each figure on a run's validation set. */
  readonly onMeasured?: RunSurroundings['measured'];
}

export interface Coordinator extends Reach {
  /** Where people reach it: what links begin with. */
  readonly publicUrl: string;
  readonly port: number;
  /** Plain HTTP on this machine only, for participants in this process: they need not trust a certificate. */
  urlWithin(): Promise<string>;
  /** At the first start on a data folder, else null: afterwards only its hash is known. */
  readonly operatorToken: string | null;
  readonly runs: RunRegistry;
  createRun(manifest: TaskManifest): Promise<RunSupervisor>;
  steer(run: RunSupervisor, verb: Steering): Promise<void>;
  /** A join link: for a week and any number of devices, unless the terms say otherwise. */
  invite(run: RunSupervisor, terms?: Partial<InviteTerms>): Promise<Invite>;
  /** The one with this label that is still good, or a new one: the same link after every start. */
  standingInvite(run: RunSupervisor, terms: InviteTerms): Promise<Invite>;
  /** The ticket of a new invite, for a participant started here. */
  admissionTicket(run: RunSupervisor, validHours: number): Promise<string>;
  /** Opens the dashboard; for whoever sees this terminal, and only while this process lives. */
  dashboardUrl(): string;
  /** Makes every state durable, then lets go of port and folder. */
  close(): Promise<void>;
}

const USUAL_TERMS: InviteTerms = { label: '', validHours: 24 * 7, maximumDevices: null };
/** What all whole models that are kept may take together. */
const SHELF_BYTES = 64 * 1024 * 1024;
const CLIENT_BUILD = fileURLToPath(new URL('../../client/dist', import.meta.url));

/**
 * @throws TributaryError `conflict` when another coordinator uses the folder; EADDRINUSE when the port is taken; Error
 * that names what is wrong with TLS files
 */
export async function startCoordinator(options: CoordinatorOptions): Promise<Coordinator> {
  const { dataFolder, host = '127.0.0.1', publicUrl: askedUrl } = options;
  const isTrusted = trustedProxies(options.trustProxy ?? ['loopback']);
  const origins = { allowed: options.allowedOrigins ?? [], publicUrl: askedUrl };
  const socketsPerAddress = options.socketsPerAddress ?? SOCKETS_PER_ADDRESS;
  const log = createLog(options.logLevel ?? 'warn');
  const metrics = createMetrics();
  const storage = dataFolder === null ? openMemoryStorage() : await openFolderStorage(dataFolder);
  const tls = await openTls(options.tls ?? null, { dataFolder, host }).catch(async (error: unknown) => {
    await storage.close();
    throw error;
  });
  if (tls && tls.expiresAt < Date.now()) log.warn('the TLS certificate has expired: browsers will refuse it');
  const tickets = ticketOffice(
    dataFolder === null ? ephemeralSigningKey() : await loadSigningKey(dataFolder),
  );
  const operator = operatorDoor(storage.operators);
  const connections = openConnections();
  const validation = workerValidation(options.validationSets ?? (async () => null));
  const aggregation = openAggregation();
  const readModel = (hash: BlobHash) => aggregation.read(hash, storage.models.locate(hash));
  const shelf = openShelf(readModel, SHELF_BYTES);
  const codedModels = openCodedModels({ locate: storage.models.locate, metrics });
  const versions = openModelVersions();
  const downloads = openDownloadCounts();
  const runs = await openRunRegistry({
    storage,
    tickets,
    validation,
    aggregation,
    shelf,
    downloads,
    versions,
    clock: steadyClock(),
    log,
    metrics,
    send: connections.send,
    measured: options.onMeasured,
  });

  const listeners = openListeners({
    connectionsPerAddress: socketsPerAddress * CONNECTIONS_PER_SOCKET,
    isTrusted,
  });
  const app: FastifyInstance = fastify({
    serverFactory: (handler) => listeners.open(handler, tls),
    loggerInstance: log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    forceCloseConnections: true,
    bodyLimit: LIMITS.strangersBodyBytes,
    trustProxy: isTrusted,
    frameworkErrors: answerUnroutable,
    clientErrorHandler: answerUnreadable,
  });
  let reach: Reach;
  const invites = await openInvites({
    store: storage.invites,
    tickets,
    linkTo: (ticket) => joinUrl(reach.facts.publicUrl, ticket),
  });
  addSecurityHeaders(app, {
    isStrictlyHttps: tls?.isVouchedFor ?? false,
    isolatesPages: options.crossOriginIsolated ?? false,
  });
  endAnsweredRequests(app);
  allowOrigins(app, origins);
  answerErrorsAsProblems(app);
  serveHealth(app, { runs, metrics });
  serveModels(app, { storage, runs, shelf, codedModels, versions, downloads, metrics });
  const pace = options.uploadPace ?? DEFAULT_PACE;
  serveUpdates(app, { door: updateDoor({ runs, tickets, storage, aggregation, pace }), metrics });
  serveJoin(app, { runs, invites });
  const soloAccuracy = options.soloAccuracy ?? (() => null);
  serveAdmin(app, {
    runs,
    storage,
    aggregation,
    readModel,
    connections,
    soloAccuracy,
    invites,
    operator,
    publicUrl: askedUrl,
    server: () => reach.facts,
  });
  await servePages(app, options.clientFolder ?? CLIENT_BUILD);
  const channel = openControlChannel(app.server, {
    runs,
    invites,
    connections,
    log,
    metrics,
    socketsPerAddress,
    isTrusted,
    origins,
    checkInTimeoutMs: options.checkInTimeoutMs ?? 10_000,
  });

  const closeStorage = async () => {
    await validation.close();
    await runs.close();
    await aggregation.close();
    await codedModels.close();
    await storage.close();
  };
  try {
    await app.listen({ host, port: options.port ?? 0 });
  } catch (error) {
    await closeStorage();
    throw error;
  }
  const { port } = app.server.address() as AddressInfo;
  reach = reachOf({ host, port, tls, askedUrl });

  return {
    ...reach,
    publicUrl: reach.facts.publicUrl,
    port,
    operatorToken: await operator.firstToken(),
    runs,
    createRun: (manifest) => runs.create(manifest),
    steer: steerRun,
    invite: ({ runId }, terms) => invites.create(runId, { ...USUAL_TERMS, ...terms }),
    standingInvite: ({ runId }, terms) => invites.standing(runId, terms),
    admissionTicket: async ({ runId }, validHours) =>
      ticketIn((await invites.create(runId, { ...USUAL_TERMS, validHours })).joinUrl),
    urlWithin: async () => (tls ? listeners.openWithin(app.server) : reach.url),
    dashboardUrl: () => loginUrl(askedUrl ?? reach.url, operator.startLinkToken()),
    async close() {
      await channel.close();
      listeners.letGo();
      await app.close();
      await closeStorage();
    },
  };
}
