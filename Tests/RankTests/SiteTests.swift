import Foundation
import Furrow
import TestSupport
import Testing

/// The book as `make docs` builds it.
enum BookSite {
    static let folder = Book.root.appendingPathComponent(".build/docs").path

    /// Why the site cannot be looked at.
    static var obstacle: String? {
        guard FileManager.default.fileExists(atPath: folder + "/index.html") else {
            return "there is no book in .build/docs: make docs"
        }
        for program in ["chromium", "python3"]
        where (try? Subprocess.run([program, "--version"], limit: 60)) == nil {
            return "\(program) is not installed"
        }
        return nil
    }

    /// What a browser shows of a page when its scripts have run.
    ///
    /// The scripts ask for files, which a browser does not give them without a server.
    static func page(_ path: String) throws -> String {
        let script = """
            exec 3<<'EOF'
            import functools, http.server, sys
            handler = functools.partial(
                http.server.SimpleHTTPRequestHandler, directory=sys.argv[1])
            server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
            print(server.server_port, flush=True)
            server.serve_forever()
            EOF
            python3 /dev/fd/3 "$0" >"$2/port" 2>"$2/log" &
            server=$!
            trap 'kill $server' EXIT
            for turn in $(seq 600); do [ -s "$2/port" ] && break; sleep 0.1; done
            timeout 100 chromium --headless --no-sandbox --disable-gpu --disable-dev-shm-usage \
                --user-data-dir="$2/profile" --virtual-time-budget=30000 --dump-dom \
                "http://127.0.0.1:$(cat "$2/port")/$1"
            """
        let scratch = try Scratch()
        return try Subprocess.run(
            ["bash", "-c", script, folder, path, scratch.url.path],
            limit: 150
        ).output
    }
}

extension RankTests {
    /// What a browser shows of the book.
    @Suite(.enabled(if: BookSite.obstacle == nil, "\(BookSite.obstacle ?? "")"))
    struct Site {
        @Test(
            .timeLimit(.minutes(4)),
            arguments: [
                ("documentation/furrow/", "Run thousands of independent jobs"),
                ("documentation/furrow/sweepfiles/", "the name of the sweep"),
                ("documentation/furrow/gridgenerator/", "Each of its points is decoded as a job"),
                ("documentation/furrowcore/parallelrunner/", "a worker’s task id"),
            ]
        )
        func aPageShowsItsText(path: String, text: String) throws {
            let page = try BookSite.page(path)
            #expect(page.contains(text), "\(page.prefix(2000))")
            #expect(!page.contains("page you"), "the page is not found")
        }
    }
}
