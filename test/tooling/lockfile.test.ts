import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

interface LockedPackage {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly optional?: boolean;
  readonly hasInstallScript?: boolean;
}

const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
  readonly packages: Readonly<Record<string, LockedPackage>>;
};
const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as {
  readonly allowScripts: Readonly<Record<string, boolean>>;
};
const locked = Object.entries(lock.packages).filter(([path]) => path !== '');

it('names no download address, so that a clone installs from whichever registry npm is set to', () => {
  expect(locked.filter(([, entry]) => entry.resolved !== undefined)).toEqual([]);
});

it('pins every package by version and digest', () => {
  const unpinned = locked.filter(
    ([, { version, integrity }]) => version === undefined || integrity === undefined,
  );
  expect(unpinned).toEqual([]);
});

it('decides for every package with an install script, so that npm asks nothing', () => {
  const withScript = locked
    .filter(([, entry]) => entry.hasInstallScript === true)
    .map(([path]) => path.replace(/^.*node_modules\//, ''))
    // fsevents exists for macOS only, and its script does nothing anywhere else.
    .filter((name) => name !== 'fsevents');
  expect(Object.keys(manifest.allowScripts).sort()).toEqual(withScript.sort());
});
