#!/usr/bin/env python3
"""Compiles the kernels to PTX, and writes SHA256SUMS of sources and PTX.

    python3 src/gpu/kernels/make.py FOLDER

FOLDER keeps NVIDIA's compiler between runs (90 MB, two wheels of PyPI, pinned below); it is not needed to build or run
refrain. Needs no card. The PTX is that of CUDA 11.8, which drivers from 520 on read, for compute capability 8.0, which
they finish for any later card. ptxas of CUDA 12.4 then assembles it for the cards named below and says what it takes.
"""

import ctypes
import hashlib
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
WHEELS = ["nvidia-cuda-nvrtc-cu11==11.8.89", "nvidia-cuda-nvcc-cu12==12.4.131"]
OPTIONS = ["--gpu-architecture=compute_80", "--std=c++17", f"--include-path={HERE}"]
# A module is finished by the driver as a whole: of the long ones there is one for each kind of operand.
SPLIT = {"attention", "product"}
KINDS = ["F32", "F16", "BF16"]
CARDS = ["sm_80", "sm_86", "sm_89", "sm_90"]


def fetch_compiler(folder):
    """Installs the wheels under `folder`, once."""
    if not (folder / "nvidia/cuda_nvcc/bin/ptxas").exists():
        install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", folder, *WHEELS]
        subprocess.run(install, check=True)


def compiler(folder):
    """The run-time compiler, which finds its built-in functions beside itself."""
    lib = folder / "nvidia/cuda_nvrtc/lib"
    ctypes.CDLL(str(lib / "libnvrtc-builtins.so.11.8"), mode=ctypes.RTLD_GLOBAL)
    return ctypes.CDLL(str(lib / "libnvrtc.so.11.2"))


def text(nvrtc, program, what):
    """One of the texts a program has: its log or its PTX."""
    size = ctypes.c_size_t()
    getattr(nvrtc, f"nvrtcGet{what}Size")(program, ctypes.byref(size))
    buffer = ctypes.create_string_buffer(size.value)
    getattr(nvrtc, f"nvrtcGet{what}")(program, buffer)
    return buffer.value.decode()


def modules(source):
    """The modules of a source: what each is called, and what it is compiled with besides."""
    if source.stem in SPLIT:
        return [(f"{source.stem}_{kind.lower()}", [f"--define-macro=WITH_{kind}"]) for kind in KINDS]
    return [(source.stem, [])]


def compile_one(nvrtc, source, more):
    """The PTX of one module."""
    program = ctypes.c_void_p()
    code, name = source.read_bytes(), source.name.encode()
    nvrtc.nvrtcCreateProgram(ctypes.byref(program), code, name, 0, None, None)
    given = [option.encode() for option in OPTIONS + more]
    failed = nvrtc.nvrtcCompileProgram(program, len(given), (ctypes.c_char_p * len(given))(*given))
    log = text(nvrtc, program, "ProgramLog").strip()
    if log:
        print(log, file=sys.stderr)
    if failed:
        sys.exit(f"{source.name}: not compiled")
    return text(nvrtc, program, "PTX")


def assemble(folder, ptx):
    """Prints registers, spills and shared memory of each kernel on each card."""
    for card in CARDS:
        command = [folder / "nvidia/cuda_nvcc/bin/ptxas", "-v", f"-arch={card}", ptx, "-o", os.devnull]
        run = subprocess.run(command, capture_output=True, text=True, check=False)
        if run.returncode:
            sys.exit(f"{ptx.name} on {card}: {run.stderr}")
        kernel, spills = "", ""
        for line in run.stderr.splitlines():
            if "Compiling entry function" in line:
                kernel = line.split("'")[1]
            elif "bytes spill" in line:
                spills = line.strip()
            elif "Used" in line:
                print(f"{card} {kernel}: {line.split('Used')[1].strip()}; {spills}")


def main():
    folder = pathlib.Path(sys.argv[1]).resolve()
    fetch_compiler(folder)
    nvrtc = compiler(folder)
    sources = sorted(HERE.glob("*.cu"))
    for source in sources:
        for name, more in modules(source):
            ptx = HERE / f"{name}.ptx"
            ptx.write_text(compile_one(nvrtc, source, more))
            assemble(folder, ptx)
    listed = sorted([*HERE.glob("*.cu*"), *HERE.glob("*.ptx"), HERE / "make.py"])
    sums = [f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in listed]
    (HERE / "SHA256SUMS").write_text("".join(sums))


if __name__ == "__main__":
    main()
