/**
 * What every command needs first: dependencies installed, code built, a Chromium found. Each step does nothing
 * when it is done already, and says what it does on stderr, so that stdout belongs to the command.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const stampFolder = path.join(root, 'node_modules', '.tributary');

export const say = (line) => process.stderr.write(`${line}\n`);

/** Runs a program with its output on stderr; rejects when it fails. */
export function run(program, args, { env = {}, quiet = false } = {}) {
  return new Promise((resolve, reject) => {
    const stdio = quiet ? ['ignore', 'pipe', 'pipe'] : ['ignore', process.stderr, process.stderr];
    const child = spawn(program, args, { cwd: root, stdio, env: { ...process.env, ...env } });
    let output = '';
    child.stdout?.on('data', (chunk) => (output += chunk));
    child.stderr?.on('data', (chunk) => (output += chunk));
    child.on('error', reject);
    child.on('exit', (code) => {
      if (code === 0) return resolve();
      if (quiet) process.stderr.write(output);
      reject(new Error(`${[program, ...args].join(' ')} ended with code ${code}`));
    });
  });
}

export const bin = (name) => path.join(root, 'node_modules', '.bin', name);

export async function ensureInstalled() {
  requireNode();
  const wanted = fingerprint([path.join(root, 'package-lock.json')]);
  if (stampIs('installed', wanted) && existsSync(bin('tsc'))) return;
  say('Installing dependencies (half a minute) ...');
  await run('npm', ['ci', '--loglevel=error', '--no-audit', '--no-fund']);
  stamp('installed', wanted);
}

/** Compiles the packages and the coordinator; incremental, so a second call costs about a second. */
export async function ensureCompiled() {
  const options = path.join(root, 'tsconfig.base.json');
  const wanted = fingerprint([
    options,
    ...sources(['packages', 'apps/coordinator', 'benchmarks'], /\.(ts|json)$/),
  ]);
  if (stampIs('compiled', wanted) && existsSync(path.join(root, 'apps/coordinator/dist/main.js'))) return;
  say('Compiling ...');
  await run(bin('tsc'), ['-b', 'apps/coordinator', 'benchmarks'], { quiet: true });
  stamp('compiled', wanted);
}

/** Bundles the page and the dashboard. */
export async function ensurePageBuilt() {
  const wanted = fingerprint(sources(['packages', 'apps/client'], /\.(tsx?|css|html|svg|json)$/));
  if (stampIs('page', wanted) && existsSync(path.join(root, 'apps/client/dist/index.html'))) return;
  say('Building the page ...');
  await run(process.execPath, [bin('vite'), 'build', 'apps/client', '--logLevel', 'warn'], { quiet: true });
  stamp('page', wanted);
}

const CHROMIUM_NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** Path of a Chromium: an installed one, else Debian's package when root, else Playwright's. */
export async function ensureChromium() {
  const installed = findChromium();
  if (installed) return installed;
  if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    say("Installing Debian's chromium ...");
    const env = { DEBIAN_FRONTEND: 'noninteractive' };
    await run('apt-get', ['update', '-qq'], { quiet: true, env });
    await run('apt-get', ['install', '-y', '-qq', 'chromium'], {
      quiet: true,
      env,
    });
    const debian = findChromium();
    if (debian) return debian;
  }
  say("Downloading Playwright's Chromium ...");
  await run(bin('playwright'), ['install', 'chromium']);
  const { chromium } = await import('@playwright/test');
  return chromium.executablePath();
}

function findChromium() {
  const named = process.env.CHROMIUM_PATH;
  if (named) {
    if (existsSync(named)) return named;
    throw new Error(`CHROMIUM_PATH names ${named}, which does not exist`);
  }
  const folders = (process.env.PATH ?? '').split(path.delimiter);
  const candidates = [
    ...CHROMIUM_NAMES.flatMap((name) => folders.map((folder) => path.join(folder, name))),
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
  ];
  return candidates.find((candidate) => existsSync(candidate));
}

function requireNode() {
  const major = Number(process.versions.node.split('.')[0]);
  if (major >= 20) return;
  say(`Tributary needs Node 20 or newer; this is ${process.versions.node}.`);
  process.exit(1);
}

function sources(folders, pattern) {
  const files = [];
  const walk = (folder) => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (entry.name === 'dist' || entry.name === 'node_modules' || entry.name === 'test') continue;
      const full = path.join(folder, entry.name);
      if (entry.isDirectory()) walk(full);
      else if (pattern.test(entry.name)) files.push(full);
    }
  };
  for (const folder of folders) if (existsSync(path.join(root, folder))) walk(path.join(root, folder));
  return files.sort();
}

/** Content, not time: a fresh clone and a switched branch give files new times. */
function fingerprint(files) {
  const hash = createHash('sha256').update(process.versions.node.split('.')[0]);
  for (const file of files) hash.update(file).update(readFileSync(file));
  return hash.digest('hex');
}

const stampPath = (name) => path.join(stampFolder, `${name}.stamp`);

function stampIs(name, wanted) {
  return (
    existsSync(stampPath(name)) &&
    statSync(stampPath(name)).isFile() &&
    readFileSync(stampPath(name), 'utf8') === wanted
  );
}

function stamp(name, value) {
  mkdirSync(stampFolder, { recursive: true });
  writeFileSync(stampPath(name), value);
}

/** Hands the terminal to the program and ends with its exit code; signals reach it by themselves. */
export function become(program, args, { env = {} } = {}) {
  const child = spawn(program, args, {
    cwd: process.cwd(),
    stdio: 'inherit',
    env: { ...process.env, ...env },
  });
  // Ctrl-C goes to the whole process group; the child decides when to end, this process waits for it.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      if (signal !== 'SIGINT') child.kill(signal);
    });
  }
  child.on('error', (error) => {
    say(error.message);
    process.exit(1);
  });
  child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)));
}
