#!/usr/bin/env node
/** Makes a clone ready to run. Says what it does, and nothing when there is nothing to do. */
import './install.mjs';

await import('./build.mjs');
