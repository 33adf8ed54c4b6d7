"""The languages of Travis: other names of them, the keys that multiply their jobs, and what tests them.

What a job finds of a language is what this machine, or its image, has: versions are told to it, but for
Python's.
"""

from __future__ import annotations

# The keys that multiply jobs, in the order in which they do; `env` is the last of all.
AXES = (
    "os", "arch", "compiler", "osx_image", "jdk", "crystal", "dotnet", "mono", "solution", "d", "dart",
    "dart_task", "elixir", "otp_release", "elm", "node_js", "go", "hhvm", "php", "ghc", "haxe", "julia",
    "matlab", "nix", "perl", "perl6", "python", "r", "rvm", "gemfile", "xcode_scheme", "xcode_sdk", "rust",
    "scala", "smalltalk", "smalltalk_config", "smalltalk_vm",
)  # fmt: skip
OF_ALL = ("os", "arch", "osx_image")
ONLY_ON = {"arch": "linux", "osx_image": "osx"}  # other systems do not know the key
VERSIONS = {
    "android": ("jdk",), "c": ("compiler",), "clojure": ("jdk", "lein"), "cpp": ("compiler",),
    "crystal": ("crystal",), "csharp": ("dotnet", "mono", "solution"), "d": ("d",),
    "dart": ("dart", "dart_task"),
    "elixir": ("elixir", "otp_release"), "elm": ("elm", "node_js"), "erlang": ("otp_release",), "go": ("go",),
    "groovy": ("jdk",), "hack": ("hhvm", "php"), "haskell": ("ghc",), "haxe": ("haxe",), "java": ("jdk",),
    "julia": ("julia",), "matlab": ("matlab",), "nix": ("nix",), "node_js": ("node_js",),
    "objective-c": ("rvm", "gemfile", "xcode_scheme", "xcode_sdk"), "perl": ("perl",), "perl6": ("perl6",),
    "php": ("php",), "python": ("python",), "r": ("r",), "ruby": ("rvm", "gemfile", "jdk"), "rust": ("rust",),
    "scala": ("scala", "jdk"), "smalltalk": ("smalltalk", "smalltalk_config", "smalltalk_vm"),
}  # fmt: skip
# The variables that tell a job what an axis chose; those of others are TRAVIS_<KEY>_VERSION.
VERSION_VARIABLES = {
    "compiler": "TRAVIS_COMPILER", "gemfile": "BUNDLE_GEMFILE", "ghc": "TRAVIS_HASKELL_VERSION",
    "go": "TRAVIS_GO_VERSION", "jdk": "TRAVIS_JDK_VERSION", "node": "TRAVIS_NODE_VERSION",
    "node_js": "TRAVIS_NODE_VERSION", "otp_release": "TRAVIS_OTP_RELEASE", "perl": "TRAVIS_PERL_VERSION",
    "php": "TRAVIS_PHP_VERSION", "python": "TRAVIS_PYTHON_VERSION", "ruby": "TRAVIS_RUBY_VERSION",
    "rust": "TRAVIS_RUST_VERSION", "rvm": "TRAVIS_RUBY_VERSION", "scala": "TRAVIS_SCALA_VERSION",
    "smalltalk_config": "TRAVIS_SMALLTALK_CONFIG", "smalltalk_vm": "TRAVIS_SMALLTALK_VM",
    "solution": "TRAVIS_SOLUTION",
    "xcode_scheme": "TRAVIS_XCODE_SCHEME", "xcode_sdk": "TRAVIS_XCODE_SDK",
}  # fmt: skip
COMPILERS = {"gcc": "g++", "clang": "clang++"}
NAMES = {
    "c++": "cpp", "golang": "go", "jvm": "java", "javascript": "node_js", "js": "node_js", "node": "node_js",
    "objective_c": "objective-c", "swift": "objective-c", "bash": "shell", "sh": "shell", "minimal": "shell",
    "generic": "shell",
}  # fmt: skip
KEYS = {
    "ruby": "rvm", "rbenv": "rvm", "node": "node_js", "gemfiles": "gemfile", "branch": "branches",
    "virtualization": "virt", "virtual_env": "virtualenv",
}  # fmt: skip
SYSTEMS = {
    "ubuntu": "linux", "linux-ppc64le": "linux", "mac": "osx", "macos": "osx", "macosx": "osx", "ios": "osx",
    "win": "windows", "bsd": "freebsd",
}  # fmt: skip

_JVM = """\
if [[ -f gradlew ]]; then ./gradlew check; elif [[ -f build.gradle ]]; then gradle check
elif [[ -f mvnw ]]; then ./mvnw test -B; elif [[ -f pom.xml ]]; then mvn test -B; else ant test; fi"""
_JVM_INSTALL = """\
if [[ -f gradlew ]]; then ./gradlew assemble; elif [[ -f build.gradle ]]; then gradle assemble
elif [[ -f mvnw ]]; then ./mvnw install -DskipTests=true -Dmaven.javadoc.skip=true -B -V
elif [[ -f pom.xml ]]; then mvn install -DskipTests=true -Dmaven.javadoc.skip=true -B -V; fi"""
_NODE = """\
if [[ ! -f package.json ]]; then make test; elif [[ -f yarn.lock ]]; then yarn test; else npm test; fi"""
_NODE_INSTALL = """\
if [[ ! -f package.json ]]; then :; elif [[ -f yarn.lock ]]; then yarn --frozen-lockfile
elif [[ -f npm-shrinkwrap.json || -f package-lock.json ]]; then npm ci; else npm install; fi"""
_RUBY = "if [[ -f ${BUNDLE_GEMFILE:-Gemfile} ]]; then bundle exec rake; else rake; fi"
_RUBY_INSTALL = "if [[ -f ${BUNDLE_GEMFILE:-Gemfile} ]]; then bundle install --jobs=3 --retry=3; fi"
_GO = "if [[ -f GNUmakefile || -f makefile || -f Makefile ]]; then make; else go test -v ./...; fi"
_GO_INSTALL = "if [[ -f GNUmakefile || -f makefile || -f Makefile ]]; then :; else go get -t -v ./...; fi"
_PERL = """\
if [[ -f Build.PL ]]; then perl Build.PL && ./Build && ./Build test
elif [[ -f Makefile.PL ]]; then perl Makefile.PL && make test; else make test; fi"""
_CSHARP = """\
if [[ -n $TRAVIS_SOLUTION ]]; then msbuild /p:Configuration=Release "$TRAVIS_SOLUTION"
else echo 'No solution or script defined, exiting'; false; fi"""
_CSHARP_INSTALL = """\
if [[ -n $TRAVIS_SOLUTION ]]; then travis_retry nuget restore "$TRAVIS_SOLUTION"; fi"""
_PYTHON_INSTALL = """\
if [[ -f Requirements.txt ]]; then travis_retry pip install -r Requirements.txt
elif [[ -f requirements.txt ]]; then travis_retry pip install -r requirements.txt
else echo 'Could not locate requirements.txt. Override the install: key in your .travis.yml.'; fi"""
# What `script` and `install` are where a file does not say.
SCRIPTS = {
    "android": _JVM,
    "c": "./configure && make && make test",
    "clojure": "lein test",
    "cpp": "./configure && make && make test",
    "crystal": "crystal spec",
    "csharp": _CSHARP,
    "d": "dub test",
    "elixir": "mix test",
    "go": _GO,
    "groovy": _JVM,
    "haskell": "cabal configure --enable-tests && cabal build && cabal test",
    "java": _JVM,
    "julia": "julia --check-bounds=yes -e 'using Pkg; Pkg.build(); Pkg.test()'",
    "nix": "nix-build",
    "node_js": _NODE,
    "perl": _PERL,
    "php": "phpunit",
    "r": "R CMD build . && R CMD check *.tar.gz --as-cran --no-manual",
    "ruby": _RUBY,
    "rust": "cargo build --verbose && cargo test --verbose",
    "scala": "sbt test",
}
INSTALLS = {
    "clojure": "lein deps", "crystal": "shards install", "csharp": _CSHARP_INSTALL,
    "elixir": "mix local.hex --force && mix deps.get",
    "go": _GO_INSTALL, "groovy": _JVM_INSTALL, "java": _JVM_INSTALL, "node_js": _NODE_INSTALL,
    "python": _PYTHON_INSTALL, "ruby": _RUBY_INSTALL,
}  # fmt: skip
# What only the tools of a language read that Travis itself calls.
SETTINGS = (
    "android", "apt_packages", "bioc_packages", "bioc_required", "bioc_check", "brew_packages",
    "bundler_args", "composer_args", "cran", "disable_homebrew", "fortran", "go_import_path",
    "gobuild_args", "hxml", "latex", "npm_args", "pandoc", "pandoc_version", "podfile",
    "r_binary_packages", "r_build_args", "r_check_args", "r_check_revdep", "r_github_packages",
    "r_packages", "repos", "sbt_args", "smalltalk_edge", "warnings_are_errors", "with_content_shell",
    "xcode_destination", "xcode_project", "xcode_workspace",
)  # fmt: skip


def language_of(text: str) -> str:
    """The language that a name means; Ruby where there is none."""
    name = text.strip().lower() or "ruby"
    return NAMES.get(name, name)


def axes_of(language: str) -> tuple[str, ...]:
    """The keys that multiply the jobs of a language."""
    own = (*OF_ALL, *VERSIONS.get(language, ()))
    return tuple(name for name in AXES if name in own)


def system_of(text: str) -> str:
    name = text.strip().lower() or "linux"
    return SYSTEMS.get(name, name)
