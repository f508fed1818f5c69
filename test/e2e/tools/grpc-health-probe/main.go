// A fake for grpc_health_probe, which the official Parca image has: the same flags, the same exit codes.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health/grpc_health_v1"
)

func main() {
	addr := flag.String("addr", "", "host:port")
	connect := flag.Duration("connect-timeout", time.Second, "time to connect")
	rpc := flag.Duration("rpc-timeout", time.Second, "time to answer")
	flag.Parse()

	ctx, cancel := context.WithTimeout(context.Background(), *connect+*rpc)
	defer cancel()
	connection, err := grpc.NewClient(*addr, grpc.WithTransportCredentials(insecure.NewCredentials()))
	exitOn(err, 1)
	answer, err := grpc_health_v1.NewHealthClient(connection).Check(ctx, &grpc_health_v1.HealthCheckRequest{})
	exitOn(err, 3)
	fmt.Println("status:", answer.GetStatus())
	if answer.GetStatus() != grpc_health_v1.HealthCheckResponse_SERVING {
		os.Exit(4)
	}
}

func exitOn(err error, code int) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(code)
	}
}
