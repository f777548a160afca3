import { describe, expect, it } from 'vitest';
import { imagesOf, programsOf, weightsOf } from '../../../src/core/cluster/artefacts.ts';
import { gpusSeen, interfacesOf, sharesOf } from '../../../src/core/cluster/node-look.ts';
import { mpiPlugins } from '../../../src/core/cluster/probe.ts';
import { modulesOf, runtimesOf } from '../../../src/core/cluster/runtimes.ts';
import { readSections, type Section } from '../../../src/core/cluster/sections.ts';
import { profileValue } from './profile-value.ts';

const section = (...lines: readonly string[]): Section => ({
  status: 0,
  output: lines.join('\n'),
  errors: '',
});

describe('readSections', () => {
  it('keeps what came of a section that was cut off, and passes over banners', () => {
    const stdout =
      'Welcome!\n\n@m one\na\nb\n\n@m end 0\n\n@m labels /x y.sif\n{}\n\n@m end 124\n\n@m two\nhalf';
    const stderr = '\n@m one\nwarning\n\n@m end 0\n\n@m labels /x y.sif\n\n@m end 124\n\n@m two\n';
    const { byName, complete } = readSections(stdout, stderr, '@m');
    expect(Object.fromEntries(byName)).toEqual({
      one: { status: 0, output: 'a\nb', errors: 'warning' },
      'labels /x y.sif': { status: 124, output: '{}', errors: '' },
      two: { status: 124, output: 'half', errors: '' },
    });
    expect(complete).toBe(false);
  });
});

describe('runtimes', () => {
  const login = (...lines: readonly string[]): ReadonlyMap<string, Section> =>
    new Map([['runtimes', section(...lines)]]);

  it('takes Apptainer under its second name for Apptainer', () => {
    const found = runtimesOf(
      login(
        'apptainer /usr/bin/apptainer apptainer version 1.4.5',
        'singularity /usr/bin/singularity apptainer version 1.4.5',
      ),
      undefined,
    );
    expect(found).toEqual([
      { kind: 'apptainer', path: '/usr/bin/apptainer', version: '1.4.5' },
      { kind: 'none' },
    ]);
  });

  it('believes the node more than the login host', () => {
    const node = section(
      'program=bash /bin/bash',
      'program=singularity /opt/s/bin/singularity',
      'version=singularity singularity-ce version 3.11.4-1',
    );
    expect(runtimesOf(login('apptainer /usr/bin/apptainer 1.2.0'), node)[0]).toEqual({
      kind: 'singularity',
      path: '/opt/s/bin/singularity',
      version: '3.11.4-1',
    });
  });

  it('finds a module, and Pyxis', () => {
    const sections = new Map([
      ['login-shell', section('loaded=apptainer /sw/apptainer/1.3.6/bin/apptainer apptainer version 1.3.6')],
      ['srun-help', section('      --container-image=[USER@][REGISTRY#]IMAGE[:TAG]|PATH')],
    ]);
    expect(runtimesOf(sections, undefined)).toEqual([
      { kind: 'apptainer', path: '/sw/apptainer/1.3.6/bin/apptainer', version: '1.3.6', module: 'apptainer' },
      { kind: 'pyxis' },
      { kind: 'none' },
    ]);
  });

  it('reads the names of modules under Lmod and Tcl', () => {
    const modules = section(
      'module=/sw/modulefiles/cuda:',
      'module=cuda/12.4(default)',
      'module=cuda/12.4',
      'module=NCCL/2.20.5-CUDA-12.4 (D)',
      'module=compilers/nvhpc/24.5 <L>',
      'module=paraview-cuda/5',
      'module=apptainer/',
    );
    expect(modulesOf(modules)).toEqual([
      'NCCL/2.20.5-CUDA-12.4',
      'apptainer',
      'compilers/nvhpc/24.5',
      'cuda/12.4',
    ]);
  });
});

it('MPI plugins are read in the forms of old and new versions', () => {
  expect(
    mpiPlugins(
      section('srun: MPI types are...', 'srun: cray_shasta', 'srun: none', 'srun: pmix_v3', 'srun: pmi2'),
    ),
  ).toEqual(['cray_shasta', 'none', 'pmix_v3', 'pmi2']);
  expect(mpiPlugins(section('srun: error: Unable to contact slurm controller'))).toEqual([]);
});

describe('images and weights', () => {
  const files = section(
    '/i/llm.sif',
    '/i/tritonserver-24.10-trtllm.sif',
    '/i/tgi_2.4.sif',
    '/m/models--meta-llama--Llama-3.1-8B/snapshots/abc/config.json',
    '/m/models--meta-llama--Llama-3.1-8B/snapshots/abc/model.safetensors',
    '/m/big-00001-of-00003.gguf',
    '/m/big-00002-of-00003.gguf',
    '/m/vision/mmproj-f16.gguf',
    '/m/tokenizer-only/config.json',
  );

  it('takes labels before names', () => {
    const labels = {
      data: {
        attributes: {
          labels: { 'org.hpc-serve.engine': 'llamacpp', 'org.hpc-serve.engine.version': '0.7.0' },
        },
      },
    };
    const sections = new Map([
      ['files', files],
      ['labels /i/llm.sif', section(JSON.stringify(labels))],
      ['labels /i/tgi_2.4.sif', section('FATAL: not an image')],
    ]);
    expect(imagesOf(sections).images).toEqual([
      { engine: 'llamacpp', path: '/i/llm.sif', version: '0.7.0' },
      { engine: 'triton', path: '/i/tritonserver-24.10-trtllm.sif', version: '24.10' },
      { engine: 'tgi', path: '/i/tgi_2.4.sif', version: '2.4' },
    ]);
  });

  it('lists a model once: not its parts, its projector or a directory without weights', () => {
    const asked: string[] = [];
    const found = weightsOf(files, (name) => {
      asked.push(name);
      return name.startsWith('models--') ? 'llama3.1-8b' : undefined;
    });
    expect(found).toEqual([
      { model: 'big', path: '/m/big-00001-of-00003.gguf', format: 'gguf' },
      {
        model: 'llama3.1-8b',
        path: '/m/models--meta-llama--Llama-3.1-8B/snapshots/abc',
        format: 'safetensors',
      },
    ]);
    expect(asked).toContain('abc');
  });

  it('knows engines by their programs', () => {
    expect(
      programsOf(section('engine=llama-server /opt/bin/llama-server', 'engine=other /x', 'engine=vllm')),
    ).toEqual([{ engine: 'llamacpp', path: '/opt/bin/llama-server' }]);
  });
});

describe('the look at a node', () => {
  const node = section(
    'job=7',
    'node=node1',
    'shared=/home/a',
    'local=/tmp',
    'absent=/work',
    'interface=lo 772 unknown',
    'interface=eth0 1 up',
    'interface=ib0 32 up',
    'interface=docker0 1 up',
    'interface=eth9 1 down',
    'address=eth0 10.0.0.7/24',
    'address=eth0 fe80::1/64',
    'address=ib0 fd00::7/64',
    'gpu=NVIDIA A100-SXM4-40GB, 40960',
  );

  it('tells interfaces and what is shared', () => {
    expect(interfacesOf(node)).toEqual([
      { name: 'eth0', kind: 'ethernet', addresses: ['10.0.0.7'] },
      { name: 'ib0', kind: 'infiniband', addresses: ['fd00::7'] },
    ]);
    expect(sharesOf(node)).toEqual({ shared: ['/home/a'], notShared: ['/tmp', '/work'] });
  });

  it('answers for Slurm which GPUs its words mean', () => {
    const { partitions } = profileValue();
    const seen = gpusSeen(node, partitions, (name, _, memory) => `${String(name)} ${String(memory)}`);
    expect([...seen]).toEqual([['h100', 'NVIDIA A100-SXM4-40GB 40960']]);
  });
});
